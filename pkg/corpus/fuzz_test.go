package corpus

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/codec"
)

// A segment file of any bytes is read as what the manifest says, or refused;
// verifying finds it wrong, and neither panics. The manifest is made to fit the
// content wherever there is one, so that records are reached.
func FuzzReadSegment(f *testing.F) {
	h := testHeader(3, 3)
	for _, format := range []string{"proto", "json"} {
		h.Options.Format = format
		var seg otlp.Segment
		if err := (&synthetic{header: h}).fill(0, &seg); err != nil {
			f.Fatal(err)
		}
		for _, c := range codec.Compressions {
			e, err := codec.NewEncoder(c, codec.Fastest)
			if err != nil {
				f.Fatal(err)
			}
			file, err := e.Append(nil, seg.Blocks[0].Data)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(file, uint8(c), format == "json")
			f.Add(file[:len(file)/2], uint8(c), format == "json")
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte, compression uint8, json bool) {
		c := codec.Compressions[int(compression)%len(codec.Compressions)]
		h := testHeader(3, 3)
		if json {
			h.Options.Format = "json"
		}
		d, err := codec.NewDecoder()
		if err != nil {
			t.Fatal(err)
		}
		content, err := d.Append(nil, raw, c, 1<<20)
		if err != nil && !errors.Is(err, codec.ErrCorrupt) && !errors.Is(err, codec.ErrLimit) {
			t.Fatalf("open: %v, which is of no class", err)
		}
		info := FileInfo{
			Signal: "traces", File: fileName(0, otlp.SignalTraces, h.Options.OTLPFormat()),
			Records: 3, Items: 24, Bytes: uint64(max(1, len(content))), Last: 1, XXH64: digest(content),
		}
		m := &Manifest{Header: h, Segments: []SegmentInfo{{Iterations: 3, Files: []FileInfo{info}}}}
		m.Totals = h.totals(m.Segments)
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, "traces"), 0o777); err != nil {
			t.Fatal(err)
		}
		files := []written{{File: info.File + c.Suffix()}}
		for name, data := range map[string][]byte{files[0].File: raw, ManifestFile: m.Encode(), SumsFile: encodeSums(files)} {
			if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), data, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if corpus, err := Open(dir); err == nil {
			got, err := corpus.ReadSegment(0, otlp.SignalTraces)
			switch {
			case err != nil && !errors.Is(err, ErrCorrupt):
				t.Errorf("read: %v, which is of no class", err)
			case err == nil && !bytes.Equal(got, content):
				t.Errorf("read %d bytes, want %d", len(got), len(content))
			}
		}
		found, err := verifyFormat(dir)
		if err != nil {
			t.Fatal(err)
		}
		if len(found) == 0 {
			t.Error("no finding: the sums alone are wrong")
		}
	})
}
