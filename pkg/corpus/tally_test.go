package corpus

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// forgeries change what is noted of a segment, or what is there under its name,
// so that either looks right by itself.
var forgeries = map[string]func(dir string, f *finished) error{
	"more records":          func(_ string, f *finished) error { f.Info.Files[0].Records++; return nil },
	"fewer items":           func(_ string, f *finished) error { f.Info.Files[0].Items--; return nil },
	"a byte less":           func(_ string, f *finished) error { f.Info.Files[0].Bytes--; return nil },
	"a split":               func(_ string, f *finished) error { f.Info.Files[0].Splits++; return nil },
	"an earlier first time": func(_ string, f *finished) error { f.Info.Files[0].First--; return nil },
	"a later last time":     func(_ string, f *finished) error { f.Info.Files[0].Last++; return nil },
	"another digest":        func(_ string, f *finished) error { f.Info.Files[0].XXH64 = strings.Repeat("0", 16); return nil },
	"another sum":           func(_ string, f *finished) error { f.Written[0].SHA256 = strings.Repeat("0", 64); return nil },
	"another file, well noted": func(dir string, f *finished) error {
		// Of the next segment: nothing is wrong with it but its place.
		name := strings.Replace(f.Written[0].File, "000001", "000003", 1)
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		f.Written[0] = sum(f.Written[0].File, data)
		return os.WriteFile(filepath.Join(dir, f.Written[0].File), data, 0o666)
	},
}

// forge changes the entry of a segment in a journal or a part. Its note fits
// again when the forger knows of it.
func forge(t *testing.T, dir, name string, segment uint64, noted bool, edit func(dir string, f *finished) error) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	change := func(f *finished) {
		if f.Info.Segment != segment {
			return
		}
		if err := edit(dir, f); err != nil {
			t.Fatal(err)
		}
		if noted {
			f.Note = f.digest()
		}
	}
	var out []byte
	if strings.HasSuffix(name, ".jsonl") {
		for line := range lines(data) {
			var f finished
			if err := json.Unmarshal(line, &f); err != nil {
				t.Fatal(err)
			}
			change(&f)
			out = append(out, journalLine(&f)...)
		}
	} else {
		var p part
		if err := json.Unmarshal(data, &p); err != nil {
			t.Fatal(err)
		}
		for i := range p.Segments {
			change(&p.Segments[i])
		}
		out = encodeJSON(&p)
	}
	if bytes.Equal(out, data) && noted {
		t.Fatalf("%s: nothing was changed", name)
	}
	if err := os.WriteFile(path, out, 0o666); err != nil {
		t.Fatal(err)
	}
}

// eachSignal are headers of corpora of each signal, with whatever may change
// how records are cut.
func eachSignal() map[string]Header {
	hs := map[string]Header{}
	for _, format := range []string{"proto", "json"} {
		for _, sig := range []string{"traces", "metrics", "logs"} {
			h := testHeader(60, 10)
			h.Options.Format, h.Options.Signals = format, []string{sig}
			if sig == "metrics" {
				h.Options.MetricInterval, h.Options.Temporality = 10e9, "cumulative"
			}
			hs[fmt.Sprintf("%s of %s", sig, format)] = h
		}
	}
	return hs
}

// What a journal notes of a segment is held against its files before it
// counts: resuming ends in the corpus that an undisturbed run writes.
func TestForgedJournalIsNotBelieved(t *testing.T) {
	t.Parallel()
	for what, h := range eachSignal() {
		want := t.TempDir()
		mustWrite(t, options(want, h))
		begun := options(t.TempDir(), h)
		interrupt(t, begun, 4)
		for how, edit := range forgeries {
			for _, noted := range []bool{true, false} {
				if !noted && what != "logs of json" {
					continue
				}
				o := options(t.TempDir(), h)
				copyDir(t, begun.Dir, o.Dir)
				forge(t, o.Dir, journalFile, 1, noted, edit)
				o.Resume = true
				mustWrite(t, o)
				checkSame(t, o.Dir, want)
				if t.Failed() {
					t.Fatalf("%s: %s", what, how)
				}
			}
		}
	}
}

// Nor is a part: sealing refuses it, and says what is wrong; the shard run
// again mends it.
func TestForgedPartIsNotSealed(t *testing.T) {
	t.Parallel()
	for what, h := range eachSignal() {
		want := t.TempDir()
		mustWrite(t, options(want, h))
		parts := options(t.TempDir(), h)
		writeShards(t, parts, 2)
		for how, edit := range forgeries {
			for _, noted := range []bool{true, false} {
				if !noted && what != "logs of json" {
					continue
				}
				o := options(t.TempDir(), h)
				copyDir(t, parts.Dir, o.Dir)
				forge(t, o.Dir, "parts/1-of-2.json", 1, noted, edit)
				_, err := seal(o.Dir)
				if !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), "000001") && !strings.Contains(err.Error(), "segment 1") {
					t.Errorf("got %v, want ErrCorrupt that names segment 1", err)
				}
				if _, err := os.Stat(filepath.Join(o.Dir, ManifestFile)); err == nil {
					t.Error("there is a manifest")
				}
				o.Shard = Shard{1, 2}
				mustWrite(t, o)
				if _, err := seal(o.Dir); err != nil {
					t.Error(err)
				}
				checkSame(t, o.Dir, want)
				if t.Failed() {
					t.Fatalf("%s: %s, noted %v", what, how, noted)
				}
			}
		}
	}
}

// What partial.json and all parts say of seed and times is held against the
// traces, so that a change that was made in all of them is not sealed.
func TestForgedHeaderIsNotSealed(t *testing.T) {
	parts := options(t.TempDir(), testHeader(60, 10))
	writeShards(t, parts, 2)
	for _, c := range [][2]string{
		{`"seed": 42`, `"seed": 43`},
		{`"interval": "500ms"`, `"interval": "501ms"`},
		{`"start": "2026-01-01T00:00:00Z"`, `"start": "2026-01-01T00:00:00.000000001Z"`},
	} {
		dir := t.TempDir()
		copyDir(t, parts.Dir, dir)
		for _, name := range []string{partialFile, "parts/0-of-2.json", "parts/1-of-2.json"} {
			path := filepath.Join(dir, name)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, bytes.Replace(data, []byte(c[0]), []byte(c[1]), 1), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := seal(dir); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: got %v, want ErrCorrupt", c[1], err)
		}
	}
}

// Arrivals say when a block of iterations starts, if not each of them: a corpus
// that claims others is not sealed.
func TestForgedArrivalsAreNotSealed(t *testing.T) {
	h := testHeader(60, 10)
	h.Arrivals = &Arrivals{Kind: "poisson"} // iterations of the test are within their block
	parts := options(t.TempDir(), h)
	writeShards(t, parts, 2)
	for _, c := range []struct {
		new  string
		want bool // sealed
	}{
		{`"kind": "poisson"`, true},
		{`"kind": "poisson", "bursts": [{"every": "10m0s", "duration": "30s", "factor": 2, "at": "0s", "random": true}]`, true},
		{`"kind": "poisson", "rate": 1000`, false}, // beside an interval
		{`"kind": "poisson", "bursts": [{"every": "24h0m0s", "duration": "1h0m0s", "factor": 1000, "at": "0s"}]`, false},
	} {
		dir := t.TempDir()
		copyDir(t, parts.Dir, dir)
		for _, name := range []string{partialFile, "parts/0-of-2.json", "parts/1-of-2.json"} {
			path := filepath.Join(dir, name)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, bytes.Replace(data, []byte(`"kind": "poisson"`), []byte(c.new), 1), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := seal(dir); (err == nil) != c.want {
			t.Errorf("%s: got %v", c.new, err)
		}
	}
}

// The conventions of a corpus under way are those that it was begun with.
func TestOtherConventionsAreNotSealed(t *testing.T) {
	h := testHeader(40, 10)
	for what, data := range map[string]string{"empty": "", "others": "vendor: {}\n"} {
		o := options(t.TempDir(), h)
		writeShards(t, o, 2)
		if err := os.WriteFile(filepath.Join(o.Dir, ConventionsFile), []byte(data), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := seal(o.Dir); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), ConventionsFile) {
			t.Errorf("%s: got %v, want ErrCorrupt", what, err)
		}
		o.Shard = Shard{1, 2}
		mustWrite(t, o)
		if _, err := seal(o.Dir); err != nil {
			t.Errorf("%s: written again: %v", what, err)
		}
		checkClean(t, o.Dir)
	}
	o := options(t.TempDir(), h)
	interrupt(t, o, 2)
	o.Resume, o.Conventions = true, []byte("others")
	if _, err := Write(t.Context(), o); !errors.Is(err, ErrMismatch) || !strings.Contains(err.Error(), ConventionsFile) {
		t.Errorf("resume with others: got %v, want ErrMismatch", err)
	}
}

func copyDir(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}
