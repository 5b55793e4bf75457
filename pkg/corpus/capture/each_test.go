package capture

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/corpus/wire"
	"github.com/otelsim/otelsim/pkg/internal/captures"
	"github.com/otelsim/otelsim/pkg/internal/codec"
)

const (
	oneSpan  = `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"01","name":"x"}]}]}]}`
	onePoint = `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m"}]}]}]}`
	oneLog   = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"b"}}]}]}]}`
)

func field(number byte, content []byte) []byte {
	return append([]byte{number<<3 | 2, byte(len(content))}, content...)
}

// request is a payload of one item.
func request(item []byte) []byte { return field(1, field(2, field(2, item))) }

var (
	protoSpan  = request(append(field(1, make([]byte, 16)), field(2, make([]byte, 8))...))
	protoPoint = request(append(field(1, []byte("name")), field(5, field(1, nil))...))
	protoLog   = request([]byte{1<<3 | 1, 1, 2, 3, 4, 5, 6, 7, 8})
)

// each returns what Each gives of a file: its signals with the messages' numbers.
func each(t testing.TB, path string, o Options) (got []string, notes []Note, err error) {
	f, err := Open(t.Context(), path, o)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	err = f.Each(t.Context(), func(m *Message) error {
		if m.Arrived != 0 {
			t.Errorf("message %d has an arrival that nobody knows", m.Number)
		}
		got = append(got, fmt.Sprint(m.Number, " ", m.Signal, " ", m.Format, " ", len(m.Payload)))
		return nil
	})
	return got, f.Notes(), err
}

// One file may hold all signals; what holds nothing is passed over and counted,
// and has its number nevertheless.
func TestMessagesOfAllSignalsInOneFile(t *testing.T) {
	profiles := append(field(1, nil), field(2, nil)...)
	noItems := field(1, field(1, nil))
	for _, row := range []struct {
		f        otlp.Format
		messages [][]byte
	}{
		{otlp.FormatProto, [][]byte{protoLog, nil, protoSpan, profiles, protoPoint, noItems, profiles, protoSpan}},
		{otlp.FormatJSON, [][]byte{[]byte(oneLog), []byte("{ }"), []byte(oneSpan), []byte(`{"resourceProfiles":[]}`), []byte(onePoint),
			[]byte("{\t}"), []byte(`{"resourceProfiles":[{}]}`), []byte(oneSpan)}},
	} {
		var want []string
		for _, i := range []int{0, 2, 4, 7} {
			sig := map[int]otlp.Signal{0: otlp.SignalLogs, 4: otlp.SignalMetrics}[i]
			want = append(want, fmt.Sprint(i+1, " ", sig, " ", row.f, " ", len(row.messages[i])))
		}
		wantNotes := "[empty messages, skipped: 1 messages of profiles, which are no traces, metrics or logs, skipped: 2 messages without items of their signal, skipped: 1]"
		if row.f == otlp.FormatJSON {
			wantNotes = "[empty messages, skipped: 2 messages of profiles, which are no traces, metrics or logs, skipped: 2]"
		}
		for name, data := range captures.Forms(t, row.messages) {
			got, notes, err := each(t, captures.File(t, data), Options{})
			if err != nil || !slices.Equal(got, want) || fmt.Sprint(notes) != wantNotes {
				t.Errorf("%s: got %q, %v, %v, want %q, %s", name, got, notes, err, want, wantNotes)
			}
		}
	}
}

func TestASignalCanBeForced(t *testing.T) {
	logs := otlp.SignalLogs
	got, _, err := each(t, captures.File(t, captures.Lines([][]byte{[]byte(oneSpan)})), Options{Signal: &logs})
	if err != nil || len(got) != 1 || !strings.HasPrefix(got[0], "1 logs") {
		t.Errorf("got %q, %v", got, err)
	}
}

// However a file is cut, what stands whole before the cut is visited, and then the
// error says so, with file and message. Only between two messages nobody can tell.
func TestACutIsTold(t *testing.T) {
	for _, messages := range [][][]byte{{protoSpan, protoLog}, {[]byte(oneSpan), []byte(oneLog)}} {
		for name, data := range captures.Forms(t, messages) {
			for n := 1; n < len(data); n++ {
				path := captures.File(t, data[:n])
				got, _, err := each(t, path, Options{})
				if err == nil {
					first := len(messages[0])
					between := name == "proto" && n == 4+first || name == "json" && (n == first || n == first+1 || n == len(data)-1) ||
						strings.HasSuffix(name, "per message") && len(got) == 1 || strings.HasSuffix(name, "frames")
					if !between {
						t.Fatalf("%s: %d of %d bytes: %d messages and no error", name, n, len(data), len(got))
					}
					continue
				}
				if n > 4 && !errors.Is(err, ErrCut) || !strings.Contains(err.Error(), path) { // fewer bytes begin like many a thing
					t.Fatalf("%s: %d of %d bytes: got %v, want ErrCut with the file", name, n, len(data), err)
				}
				// A stream may be cut before its first byte can be told.
				if want := fmt.Sprintf("message %d: ", len(got)+1); !strings.Contains(err.Error(), want) && name != "proto, zstd stream" &&
					!strings.HasPrefix(name, "json, ") && !strings.HasPrefix(name, "proto, ") {
					t.Fatalf("%s: %d of %d bytes: got %v, want it with %q", name, n, len(data), err, want)
				}
			}
		}
	}
}

// What is damaged without being cut is not ErrCut.
func TestDamageIsNoCut(t *testing.T) {
	for why, row := range map[string]struct{ data, text string }{
		"a line that is cut before others":    {oneSpan[:50] + "\n" + oneSpan + "\n", ""},
		"a last line that is none":            {oneSpan + "\nx", `message 2: no JSON: it begins with "x"`},
		"a last line that is damaged":         {oneSpan + "\n" + strings.Replace(oneSpan, ":", ";", 3), "message 2: no JSON"},
		"an object of something else":         {"{\"data\":1}\n", "message 1: no OTLP: an object of data"},
		"a blob that is damaged":              {string(captures.Framed([][]byte{captures.Compress(t, codec.Zstd, protoSpan)[:20]})), "message 1"},
		"items of no signal":                  {string(captures.Framed([][]byte{request([]byte{3 << 3, 1})})), "message 1: detect signal"},
		"a length over the limit":             {string(captures.Framed([][]byte{protoSpan})) + "\x7f\xff\xff\xffx", "message 2: message of"},
		"an object over several lines, later": {oneSpan + "\n{\n\"resourceSpans\": []\n}\n", "jq -c ."},
	} {
		got, _, err := each(t, captures.File(t, []byte(row.data)), Options{})
		if row.text == "" { // nothing but its signal was looked at
			if err != nil || len(got) != 2 {
				t.Errorf("%s: got %d messages, %v", why, len(got), err)
			}
			continue
		}
		if err == nil || errors.Is(err, ErrCut) || !strings.Contains(err.Error(), row.text) {
			t.Errorf("%s: got %v, want one with %q that is not ErrCut", why, err, row.text)
		}
	}
}

// Whoever finds a message damaged further in can say so with its place.
func TestFault(t *testing.T) {
	path := captures.File(t, []byte(oneSpan+"\n"+oneSpan[:50]+"\n"+oneSpan+"\n"))
	f, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	err = f.Each(t.Context(), func(m *Message) error {
		if _, err := wire.CountJSON(m.Signal, m.Payload); err != nil {
			return m.Fault(err)
		}
		return nil
	})
	if want := "read " + path + ": message 2: the line is cut: its object does not end"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestAnErrorOfTheVisitorEndsIt(t *testing.T) {
	f, err := Open(t.Context(), captures.File(t, captures.Lines([][]byte{[]byte(oneSpan), []byte(oneSpan)})), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	enough, n := errors.New("enough"), 0
	if err := f.Each(t.Context(), func(*Message) error { n++; return enough }); err != enough || n != 1 {
		t.Errorf("got %v after %d calls", err, n)
	}
}

func FuzzEach(f *testing.F) {
	for _, messages := range [][][]byte{{protoSpan, nil, protoLog, protoPoint}, {[]byte(oneSpan), []byte("{}"), []byte(oneLog), []byte(onePoint)}} {
		for _, data := range captures.Forms(f, messages) {
			f.Add(data)
		}
	}
	for _, s := range []string{"[" + oneSpan + "]", oneSpan[:40], oneSpan + oneSpan, "\xef\xbb\xbf{}", "\x50\x2a\x4d\x18\x00\x00\x00\x00", "{\n}"} {
		f.Add([]byte(s))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(dir, "file")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		got, notes, err := each(t, path, Options{})
		var passed uint64
		for _, n := range notes {
			passed += n.Count
		}
		if err != nil && (strings.ContainsAny(err.Error(), "\x1b\x07") || !strings.Contains(err.Error(), path)) {
			t.Errorf("got %q", err)
		}
		if n := uint64(len(got)) + passed; n > 0 && len(got) > 0 && !strings.HasPrefix(got[len(got)-1], fmt.Sprint(n)) && passed == 0 {
			t.Errorf("%d messages, and the last is %s", n, got[len(got)-1])
		}
	})
}
