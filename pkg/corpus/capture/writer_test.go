package capture

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/captures"
)

const today = 1_767_225_600e9

// readKept returns the messages of a folder, by file, with when they arrived.
func readKept(t *testing.T, dir string) map[string][]string {
	t.Helper()
	files, err := Files(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for _, path := range files {
		f, err := Open(t.Context(), path, Options{Arrivals: true})
		if err != nil {
			t.Fatal(err)
		}
		err = f.Each(t.Context(), func(m *Message) error {
			all[filepath.Base(path)] = append(all[filepath.Base(path)], fmt.Sprint(m.Signal, " ", m.Format, " ", m.Arrived-today, " ", string(m.Payload)))
			return nil
		})
		if err = errors.Join(err, f.Close()); err != nil {
			t.Error(err)
		}
	}
	return all
}

// What is written is read back, in its order and with its times, in a file for each
// signal and format.
func TestWhatIsKeptIsReadBack(t *testing.T) {
	payloads := [otlp.NumSignals][2][]byte{
		otlp.SignalTraces:  {protoSpan, []byte(oneSpan)},
		otlp.SignalMetrics: {protoPoint, []byte(onePoint)},
		otlp.SignalLogs:    {protoLog, []byte(oneLog)},
	}
	for _, zstd := range []bool{false, true} {
		dir := filepath.Join(t.TempDir(), "new", "dir")
		w, err := NewWriter(dir, WriterOptions{Zstd: zstd})
		if err != nil {
			t.Fatal(err)
		}
		want := map[string][]string{}
		for i := range int64(5) {
			for sig, formats := range payloads {
				for f, p := range formats {
					if err := w.Append(otlp.Signal(sig), otlp.Format(f), p, today+i); err != nil {
						t.Fatal(err)
					}
					name := otlp.Signal(sig).String() + []string{".pb", ".jsonl"}[f] + map[bool]string{true: ".zst"}[zstd]
					want[name] = append(want[name], fmt.Sprint(otlp.Signal(sig), " ", otlp.Format(f), " ", i, " ", string(p)))
				}
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got := readKept(t, dir); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("zstd %v: got %q\nwant %q", zstd, got, want)
		}
		if err := w.Append(otlp.SignalTraces, otlp.FormatProto, protoSpan, today); err == nil {
			t.Error("a message after the end is taken")
		}
	}
}

// Requests may have JSON in several lines; a file has a line for each.
func TestLinesAreMadeOfWhatHasSeveral(t *testing.T) {
	dir := t.TempDir()
	w, err := NewWriter(dir, WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	pretty := "\r\n" + strings.ReplaceAll(oneSpan, ",", ",\r\n  ") + "\n\n"
	if err := errors.Join(w.Append(otlp.SignalTraces, otlp.FormatJSON, []byte(pretty), today), w.Close()); err != nil {
		t.Fatal(err)
	}
	want := "traces json 0 " + strings.ReplaceAll(oneSpan, ",", ",    ")
	if got := readKept(t, dir)["traces.jsonl"]; len(got) != 1 || got[0] != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Whoever has been answered is in the file then, whole, whatever others do.
func TestManyWriteAtOnce(t *testing.T) {
	const writers, each = 8, 200
	for _, zstd := range []bool{false, true} {
		dir := t.TempDir()
		w, err := NewWriter(dir, WriterOptions{Zstd: zstd})
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for i := range writers {
			all.Go(func() {
				for j := range each {
					line := strings.Replace(oneSpan, "x", fmt.Sprint(i*each+j), 1)
					if err := w.Append(otlp.SignalTraces, otlp.FormatJSON, []byte(line), today+int64(i*each+j)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait() // and not closed: what was acknowledged is there
		seen := map[string]bool{}
		for _, got := range readKept(t, dir) {
			for _, m := range got {
				n := strings.Fields(m)[2]
				if seen[n] || m != "traces json "+n+" "+strings.Replace(oneSpan, "x", n, 1) {
					t.Errorf("zstd %v: got %s", zstd, m)
				}
				seen[n] = true
			}
		}
		if len(seen) != writers*each {
			t.Errorf("zstd %v: %d messages, want %d", zstd, len(seen), writers*each)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A message that cannot be written whole, with its time, leaves nothing in either
// file, and the next one fares better when there is room again.
func TestWhatCannotBeWrittenLeavesNothing(t *testing.T) {
	for _, times := range []bool{false, true} {
		dir := t.TempDir()
		w, err := NewWriter(dir, WriterOptions{})
		if err != nil {
			t.Fatal(err)
		}
		write := func(at int64) error { return w.Append(otlp.SignalTraces, otlp.FormatProto, protoSpan, today+at) }
		if err := write(1); err != nil {
			t.Fatal(err)
		}
		// A file that is open for reading refuses writing, as a full disk does.
		s := &w.streams[otlp.SignalTraces][otlp.FormatProto]
		file, path := &s.file, s.path
		if times {
			file, path = &s.times, s.path+arrivalsSuffix
		}
		whole := *file
		if *file, err = os.Open(path); err != nil {
			t.Fatal(err)
		}
		reader := *file
		if err := write(2); err == nil {
			t.Error("a message that was not written: no error")
		}
		*file = whole
		if err := errors.Join(reader.Close(), write(3), w.Close()); err != nil {
			t.Fatal(err)
		}
		got := readKept(t, dir)["traces.pb"]
		for i := range got {
			got[i] = strings.Join(strings.Fields(got[i])[:3], " ")
		}
		if want := []string{"traces proto 1", "traces proto 3"}; !slices.Equal(got, want) {
			t.Errorf("times %v: got %q, want %q", times, got, want)
		}
	}
}

func TestAFolderThatHoldsSomethingIsRefused(t *testing.T) {
	if _, err := NewWriter(makeFiles(t, "x"), WriterOptions{}); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("got %v", err)
	}
	if _, err := NewWriter(captures.File(t, nil), WriterOptions{}); err == nil {
		t.Error("a file is taken for a folder")
	}
	dir := t.TempDir()
	if _, err := NewWriter(dir, WriterOptions{}); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("before the first message there is %v, %v", entries, err)
	}
}

// Times that are not those of the file are told, not guessed at.
func TestTimesThatDoNotFit(t *testing.T) {
	path := captures.File(t, captures.Lines([][]byte{[]byte(oneSpan), []byte("{}"), []byte(oneLog)}))
	line := "1767225600000000001\n"
	for why, row := range map[string]struct{ times, text string }{
		"as many":       {strings.Repeat(line, 3), ""},
		"fewer":         {strings.Repeat(line, 2), "message 3: read " + path + ".arrivals: it ends after 2 times"},
		"none":          {"", "it ends after 0 times"},
		"more":          {strings.Repeat(line, 4), "it has more times than the 3 messages"},
		"the last torn": {strings.Repeat(line, 3)[:50], "line 3 is no time"},
		"a tail":        {strings.Repeat(line, 3) + "1", "more times"},
		"text":          {"hello\n", "line 1 is no time"},
		"too great":     {"9999999999999999999\n", "line 1 is no time"},
		"negative":      {"-176722560000000000\n", "line 1 is no time"},
	} {
		if err := os.WriteFile(path+arrivalsSuffix, []byte(row.times), 0o666); err != nil {
			t.Fatal(err)
		}
		f, err := Open(t.Context(), path, Options{Arrivals: true})
		if err != nil {
			t.Fatal(err)
		}
		err = f.Each(t.Context(), func(m *Message) error {
			if m.Arrived != 1767225600000000001 {
				t.Errorf("%s: message %d arrived at %d", why, m.Number, m.Arrived)
			}
			return nil
		})
		if (err == nil) != (row.text == "") || err != nil && (!errors.Is(err, ErrArrivals) || !strings.Contains(err.Error(), row.text)) {
			t.Errorf("%s: got %v, want %q", why, err, row.text)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
	// Who does not ask for them is not bothered by them.
	if got, _, err := each(t, path, Options{}); err != nil || len(got) != 2 {
		t.Errorf("without times: got %q, %v", got, err)
	}
	if err := os.WriteFile(path+arrivalsSuffix, []byte(line), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, _, err := each(t, path+arrivalsSuffix, Options{}); err == nil || !strings.Contains(err.Error(), "times of arrival") {
		t.Errorf("times taken for a capture: got %v", err)
	}
}

// Whatever stands beside a file, its messages get times of it or there is an error.
func FuzzArrivals(f *testing.F) {
	line := "1767225600000000001\n"
	for _, s := range []string{"", line, line + line, line[:7], line + line + line, "x" + line, "-" + line[1:] + line} {
		f.Add([]byte(s))
	}
	path := filepath.Join(f.TempDir(), "file")
	if err := os.WriteFile(path, captures.Lines([][]byte{[]byte(oneSpan), []byte(oneLog)}), 0o600); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, times []byte) {
		if err := os.WriteFile(path+arrivalsSuffix, times, 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := Open(t.Context(), path, Options{Arrivals: true})
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		var back []byte
		err = file.Each(t.Context(), func(m *Message) error {
			back = appendTime(back, m.Arrived)
			return nil
		})
		if err == nil && string(back) != string(times) || err != nil && !errors.Is(err, ErrArrivals) {
			t.Errorf("got %q of %q, %v", back, times, err)
		}
	})
}
