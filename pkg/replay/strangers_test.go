package replay

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/otelsim/otelsim/pkg/corpus/capture"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/captures"
	"github.com/otelsim/otelsim/pkg/internal/codec"
)

var (
	oneLine  = spanAt(1, `"1767225600000000000"`)
	oneProto = encodeRequest(1, 1, otlp.FormatProto)
)

// pretty is oneLine over several lines, as jq and others write it.
var pretty = strings.NewReplacer("{", "{\n  ", ",", ",\n  ", "}", "\n}").Replace(oneLine)

// Each of the files that people give and that cannot be replayed is told for what
// it is, with the command that helps.
func TestFilesThatAreNoCapturesAreTold(t *testing.T) {
	for _, row := range []struct{ why, data, text string }{
		{"an object over several lines", pretty, "jq -c ."},
		{"an array", "[" + oneLine + "]", "jq -c '.[]'"},
		{"an array over several lines", "\n[\n" + oneLine + "\n]\n", "jq -c '.[]'"},
		{"a resource's part alone", strings.TrimSuffix(strings.TrimPrefix(oneLine, `{"resourceSpans":[`), "]}"), "jq -c '{resourceSpans:[.]}'"},
		{"a resource's metrics alone", `{"resource":{},"scopeMetrics":[]}`, "jq -c '{resourceMetrics:[.]}'"},
		{"names of protobuf", `{"resource_spans":[]}`, "resourceSpans"},
		{"another kind of JSON", `{"data":[],"errors":null}`, "data, errors"},
		{"a time with an exponent", spanAt(1, "1.7672256e18"), "jq -c ."},
		{"a time with a fraction", spanAt(1, "1767225600000000000.5"), "no whole number"},
		{"a negative time", spanAt(1, `"-1"`), "no whole number"},
		{"JSON that is none", `{"resourceSpans":[}`, "no JSON"},
		{"two objects in a line", oneLine + oneLine, "no JSON"},
		{"one that is cut", oneLine[:100], "the file ends within it"},
		{"one that is cut, then a line", oneLine[:100] + "\n" + oneLine, "the line is cut"},
		{"text", "hello, world\n", `begins with "hello, world"`},
		{"text that a terminal obeys", "x\x1b[31mred\n", `begins with "x\\x1b[31mred"`},
		{"UTF-16", "\xff\xfe{\x00\"\x00", "iconv -f UTF-16"},
		{"UTF-16 without a mark", "{\x00\"\x00r\x00", "iconv -f UTF-16LE"},
		{"protobuf without lengths", string(oneProto), "perl"},
		{"xz", "\xfd7zXZ\x00\x00", "xz -dc"},
		{"bzip2", "BZh91AY", "bzip2 -dc"},
		{"lz4", "\x04\x22\x4d\x18x", "lz4 -dc"},
		{"zip", "PK\x03\x04x", "unzip -p"},
		{"Parquet", "PAR1x", "Parquet"},
		{"a torn length", "\x00\x00", "the file ends within it"},
		{"a torn message", "\x00\x00\x00\x09\x0a", "the file ends within it"},
		{"a message that is no OTLP", "\x00\x00\x00\x03xyz", "message 1"},
		{"items of no signal", string(captures.Framed([][]byte{{0x0a, 7, 0x12, 5, 0x12, 3, 0x18, 1, 0xff}})), "message 1"},
		{"items of no signal, whole", string(captures.Framed([][]byte{{0x0a, 6, 0x12, 4, 0x12, 2, 0x18, 1}})), "--signal"},
	} {
		_, err := OpenFiles(t.Context(), []string{captures.File(t, []byte(row.data))}, FilesOptions{})
		if !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), row.text) {
			t.Errorf("%s: got %v, want bad input with %q", row.why, err, row.text)
		}
	}
	// Later than the first message it is told too, after what stands before.
	_, rep, err := replayed(t, []byte(oneLine+"\nnot json\n"+oneLine), Options{})
	if err == nil || rep.Records.Accepted != 1 || !strings.Contains(err.Error(), `message 2: no JSON: it begins with "not json"`) {
		t.Errorf("text amid lines: got %+v, %v", rep.Records, err)
	}
}

// The commands that the messages name make of such files what can be replayed.
func TestTheCommandsThatAreNamedHelp(t *testing.T) {
	for _, row := range []struct {
		data, tool string
		args       []string
	}{
		{pretty, "jq", []string{"-c", "."}},
		{"[" + oneLine + "]", "jq", []string{"-c", ".[]"}},
		{strings.TrimSuffix(strings.TrimPrefix(oneLine, `{"resourceSpans":[`), "]}"), "jq", []string{"-c", "{resourceSpans:[.]}"}},
		{spanAt(1, "1.7672256e18"), "jq", []string{"-c", "."}},
		{string(oneProto), "perl", []string{"-0777", "-ne", `print pack("N",length),$_`}},
	} {
		path, err := exec.LookPath(row.tool)
		if err != nil {
			continue // not on every machine
		}
		c := exec.Command(path, row.args...)
		c.Stdin = strings.NewReader(row.data)
		out, err := c.Output()
		if err != nil {
			t.Fatalf("%v: %v", c, err)
		}
		if _, rep, err := replayed(t, out, Options{}); err != nil || rep.Records.Accepted != 1 {
			t.Errorf("%v: got %+v, %v", c, rep.Records, err)
		}
	}
}

// withHeader is data in gzip with every field that its header may have.
func withHeader(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Name, w.Comment, w.Extra = "name", "a comment", []byte("extra")
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What a file may begin with without being another form.
func TestWhatAFileMayBeginWith(t *testing.T) {
	line, frame := []byte(oneLine+"\n"), captures.Framed([][]byte{oneProto})
	skip := func(n byte, content string) []byte {
		b := append([]byte{0x50 + n}, 0x2a, 0x4d, 0x18)
		return append(binary.LittleEndian.AppendUint32(b, uint32(len(content))), content...)
	}
	z := func(b []byte) []byte { return captures.Compress(t, codec.Zstd, b) }
	g := func(b []byte) []byte { return captures.Compress(t, codec.Gzip, b) }
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	for name, data := range map[string][]byte{
		"a byte order mark":                 join([]byte("\xef\xbb\xbf"), line),
		"blank lines":                       join([]byte(" \n\r\n\t"), line),
		"blank lines, many":                 join(bytes.Repeat([]byte("\n"), 1024), line),
		"a frame to skip":                   join(skip(0, "skipped"), z(line)),
		"frames to skip, each of its kind":  join(skip(0, ""), skip(15, "x"), skip(7, "abc"), z(frame)),
		"an empty frame":                    join(z(nil), z(line)),
		"a mark in zstd":                    z(join([]byte("\xef\xbb\xbf"), line)),
		"a gzip header with all its fields": withHeader(t, line),
		"an empty member, then another":     join(g(nil), withHeader(t, frame)),
		"a message with a frame to skip":    captures.Framed([][]byte{join(skip(3, "x"), z(oneProto))}),
		"an empty message, then zstd":       captures.Framed([][]byte{nil, z(oneProto)}),
		"a frame that is cut at a newline":  join(z(line[:len(line)-1]), z([]byte("\n"))),
	} {
		_, rep, err := replayed(t, data, Options{})
		if err != nil || rep.Records.Accepted != 1 {
			t.Errorf("%s: got %+v, %v", name, rep.Records, err)
		}
	}
}

// noise is lines that do not compress away, so that a stream is cut within them.
func noise(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintln(&b, string(encodeRequest(uint64(i), 3, otlp.FormatJSON)))
	}
	return b.Bytes()
}

// What stands before a cut is sent, however little it is, then the file and the
// message are named.
func TestWhatStandsBeforeACutIsSent(t *testing.T) {
	data := noise(400)
	for name, whole := range map[string][]byte{"plain": data, "gzip": captures.Compress(t, codec.Gzip, data), "zstd": captures.Compress(t, codec.Zstd, data)} {
		path := filepath.Join(t.TempDir(), "cut")
		for _, part := range []float64{0.3, 0.6, 0.95} {
			if err := os.WriteFile(path, whole[:int(part*float64(len(whole)))+3], 0o600); err != nil {
				t.Fatal(err)
			}
			src, err := OpenFiles(t.Context(), []string{path}, FilesOptions{})
			if name == "zstd" && err != nil && strings.Contains(err.Error(), "message 1") {
				continue // not even the first block is whole
			}
			if err != nil {
				t.Errorf("%s, %v of it: %v", name, part, err)
				continue
			}
			c := &collector{}
			rep, err := Run(t.Context(), src, Options{Pacer: Unpaced{}, Transport: c})
			n := rep.Records.Accepted
			least := uint64(0.8 * part * 400)
			if name == "zstd" {
				least = 1
			}
			if n < least || !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), path) ||
				!strings.Contains(err.Error(), fmt.Sprintf("message %d", n+1)) {
				t.Errorf("%s, %v of it: got %d records, %v, %v", name, part, n, err, rep.Notes)
			}
			if err := src.Close(); err != nil {
				t.Errorf("%s: close: %v", name, err)
			}
		}
	}
}

// Messages of nothing, and such as no receiver of traces, metrics or logs takes.
func TestMessagesOfNothingAreSkippedAndCounted(t *testing.T) {
	resource := []byte{0x0a, 0x0c, 0x0a, 0x0a, 0x0a, 8, 0x0a, 1, 'k', 0x12, 3, 0x0a, 1, 'v'}
	profile := []byte{0x12, 7, 0x2a, 0, 0x2a, 3, 'c', 'p', 'u'}
	for _, row := range []struct {
		f                         otlp.Format
		one                       []byte
		empty, resource, profiles []byte
	}{
		{otlp.FormatProto, oneProto, nil, resource, profile},
		{otlp.FormatJSON, []byte(oneLine), []byte(`{}`), []byte(`{"resourceLogs":[{"resource":{}}]}`), []byte(`{"resourceProfiles":[{}]}`)},
	} {
		messages := [][]byte{row.empty, row.one, row.empty, row.resource, row.one, row.profiles, row.profiles, row.profiles, row.one, row.resource, row.empty}
		if row.f == otlp.FormatJSON {
			messages = append(messages, []byte(`{ }`), []byte(`{"resourceSpans":null}`))
		}
		want := map[string]uint64{string(capture.Empty): 3, string(capture.NoItems): 2, string(capture.Profiles): 3}
		if row.f == otlp.FormatJSON {
			want[string(capture.Empty)]++
			want[string(capture.NoItems)]++
		}
		for name, data := range captures.Forms(t, messages) {
			_, rep, err := replayed(t, data, Options{Laps: 2})
			if err != nil || rep.Records.Accepted != 6 || rep.Items.Accepted != 6 {
				t.Errorf("%s: got %+v, %v", name, rep.Records, err)
			}
			got := map[string]uint64{}
			for _, n := range rep.Notes {
				got[n.Note] = n.Count
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s: got notes %v, want %v", name, got, want)
			}
			var text bytes.Buffer
			if err := rep.WriteText(&text); err != nil || !strings.Contains(text.String(), string(capture.Profiles)+": 3\n") {
				t.Errorf("%s: the report does not tell of profiles:\n%s", name, text.String())
			}
		}
	}
	for _, data := range [][]byte{captures.Framed([][]byte{profile}), []byte(`{"resourceProfiles":[{}]}` + "\n")} {
		_, err := OpenFiles(t.Context(), []string{captures.File(t, data)}, FilesOptions{})
		if !errors.Is(err, ErrInput) || !errors.Is(err, errNoRecords) || !strings.Contains(err.Error(), "profiles") {
			t.Errorf("profiles alone: got %v", err)
		}
	}
}

// A message that is forced to be of a signal and holds nothing of it is not sent.
func TestAForcedSignalWithoutItemsIsSkipped(t *testing.T) {
	metrics := otlp.SignalMetrics
	_, err := OpenFiles(t.Context(), []string{captures.File(t, []byte(oneLine))}, FilesOptions{Signal: &metrics})
	if !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), string(capture.NoItems)) {
		t.Errorf("got %v", err)
	}
}

// Lengths and lines that claim or hold much take no memory but for what is a
// message.
func TestHostileInputsTakeLittleMemory(t *testing.T) {
	endless := bytes.Repeat([]byte("x"), 1<<20)
	bomb := captures.Compress(t, codec.Zstd, bytes.Repeat(append([]byte(`{"a":"`), endless...), 80)) // 80 MB in some kB
	for name, data := range map[string][]byte{
		"a length of 4 GB":              append([]byte{0xff, 0xff, 0xff, 0xff}, oneProto...),
		"a length of 64 MB":             append([]byte{0x04, 0, 0, 0}, oneProto...),
		"a line without end, in zstd":   bomb,
		"a message that is a bomb":      captures.Framed([][]byte{captures.Compress(t, codec.Zstd, bytes.Repeat(endless, 80))}),
		"a message that claims 2^60 B":  captures.Framed([][]byte{{0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0x10, 1, 0, 0}}),
		"a window of 2^40, as a stream": {0x28, 0xb5, 0x2f, 0xfd, 0, 30 << 3, 1, 0, 0},
	} {
		path := captures.File(t, data)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := OpenFiles(t.Context(), []string{path}, FilesOptions{})
		runtime.ReadMemStats(&after)
		if !errors.Is(err, ErrInput) {
			t.Errorf("%s: got %v", name, err)
		}
		if got := after.TotalAlloc - before.TotalAlloc; got > 512<<20 {
			t.Errorf("%s: took %d MB", name, got>>20)
		}
	}
}

func FuzzFilesAreReadOrTold(f *testing.F) {
	for _, json := range []otlp.Format{otlp.FormatJSON, otlp.FormatProto} {
		for _, data := range captures.Forms(f, requests(json, 1, 2)) {
			f.Add(data)
		}
	}
	for _, s := range []string{pretty, "[" + oneLine + "]", "hello", oneLine + "\n{}\n" + oneLine, spanAt(1, "1e18"), spanAt(2, `"5"`) + "\n" + oneLine,
		string(captures.Framed([][]byte{nil, {0x12, 0}, oneProto})), string(oneProto), "\xef\xbb\xbf{}", "\x50\x2a\x4d\x18\x00\x00\x00\x00"} {
		f.Add([]byte(s))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(dir, "file")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		src, err := OpenFiles(t.Context(), []string{path}, FilesOptions{Laps: true})
		if err != nil {
			if !errors.Is(err, ErrInput) || strings.ContainsAny(err.Error(), "\x1b\x07") {
				t.Errorf("got %q", err)
			}
			return
		}
		// Every record holds items, and can be sent in two laps.
		e, m := newRetimer(src, false), moves{wall: 1_900_000_000e9}
		for lap := range uint64(2) {
			m.begin(1)
			_ = Each(t.Context(), src, func(r *Record) error { // which may end in damage
				r.Lead = 0
				sent, items, err := e.apply(r, bytes.Clone(r.Payload), lap, m.next(0, r, time.Second))
				if r.Items == 0 || items != r.Items || err == nil && len(sent) == 0 {
					t.Errorf("got %+v, sent %d bytes, %v", r, len(sent), err)
				}
				return nil
			})
		}
		if err := src.Close(); err != nil {
			t.Error(err)
		}
	})
}
