package verify

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/codec"
)

// planted writes a corpus of three segments of ten iterations with an edit of
// its spans.
func planted(t *testing.T, edit func(iteration uint64, r *otlp.Traces)) string {
	t.Helper()
	o := options(t.TempDir(), testHeader(30, 10))
	o.NewFill = func() (corpus.Fill, error) { return (&synthetic{header: o.Header, edit: edit}).fill, nil }
	mustWrite(t, o)
	return o.Dir
}

// checkFound fails unless the findings are these, in this order: each is given
// by parts of its text.
func checkFound(t *testing.T, dir string, want ...[]string) {
	t.Helper()
	r, err := judge(context.Background(), settings{Dir: dir, Workers: 3, MaxExamples: 1000})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Findings()) != len(want) {
		t.Errorf("%d findings, want %d", len(r.Findings()), len(want))
	}
	for i, f := range r.Findings() {
		if i >= len(want) {
			t.Errorf("unexpected: %v", f)
			continue
		}
		for _, part := range want[i] {
			if !strings.Contains(f.String(), part) {
				t.Errorf("finding %d: got %q, want %q in it", i, f, part)
			}
		}
	}
}

func TestVerifyFindsWrongSpans(t *testing.T) {
	key := ids.New(42)
	trace := func(o ids.Origin) otlp.TraceID { return key.TraceID(o, 99) }
	// Iteration 12 is record 2 of segment 1 and has one trace of four spans,
	// each the child of the one before.
	for _, c := range []struct {
		what string
		edit func(r *otlp.Traces)
		want [][]string
	}{
		{"nothing", func(*otlp.Traces) {}, nil},
		{"a child that ends after its parent", func(r *otlp.Traces) { r.Spans[2].End = r.Spans[1].End + 1500 },
			[][]string{{"traces/000001.pb.zst: record 2: trace ", ": span ", "ends 1.5us after its parent"}}},
		{"a child that starts before its parent", func(r *otlp.Traces) { r.Spans[1].Start = r.Spans[0].Start - 1 },
			[][]string{{"record 2", "starts 1ns before its parent"}}},
		{"a span that ends before it starts", func(r *otlp.Traces) { r.Spans[3].Start, r.Spans[3].End = r.Spans[3].End, r.Spans[3].Start },
			[][]string{{"record 2", "after its end"}}},
		{"a duplicate span id", func(r *otlp.Traces) { r.Spans[3].SpanID, r.Spans[3].ParentID = r.Spans[1].SpanID, r.Spans[2].SpanID },
			[][]string{{"record 2", "another span of the trace has this id"}}},
		{"a span id of zero", func(r *otlp.Traces) { r.Spans[3].SpanID = otlp.SpanID{} },
			[][]string{{"record 2", "span id is zero"}}},
		{"a parent that is not there", func(r *otlp.Traces) { r.Spans[3].ParentID = otlp.SpanID{1} },
			[][]string{{"record 2", "its parent 0100000000000000 is not in the trace"}}},
		{"a span that is its own parent", func(r *otlp.Traces) { r.Spans[3].ParentID = r.Spans[3].SpanID },
			[][]string{{"record 2", "its own parent"}}},
		{"a trace without root", func(r *otlp.Traces) {
			r.Spans[0].ParentID = r.Spans[3].SpanID
			r.Spans[0].Start, r.Spans[0].End = r.Spans[3].Start, r.Spans[3].End
		},
			[][]string{{"has no root"}, {"starts 2us before its parent"}}},
		{"a trace id of zero", func(r *otlp.Traces) {
			for i := range r.Spans {
				r.Spans[i].TraceID = otlp.TraceID{}
			}
		}, [][]string{{"record 2", "trace id is zero"}}},
		{"a trace id of an iteration elsewhere", func(r *otlp.Traces) {
			for i := range r.Spans {
				r.Spans[i].TraceID = trace(ids.Origin{Iteration: 3})
			}
		}, [][]string{{"record 2", "its id is of iteration 3: the segment has 10 to 19"}}},
		{"a trace id of a part that there is not", func(r *otlp.Traces) {
			for i := range r.Spans {
				r.Spans[i].TraceID = trace(ids.Origin{Iteration: 12, Part: 3})
			}
		}, [][]string{{"record 2", "of part 3"}}},
		{"two traces of one origin", func(r *otlp.Traces) {
			for i := range r.Spans {
				r.Spans[i].TraceID = trace(ids.Origin{Iteration: 13})
			}
		}, [][]string{{"record 3", "has the same origin: iteration 13, turn 0, part 0"}}},
		{"a trace in two records", func(r *otlp.Traces) {
			for i := range r.Spans {
				r.Spans[i].TraceID = key.TraceID(ids.Origin{Iteration: 11}, 11*31+7)
			}
		}, nil}, // checked below: the ids of the spans collide or not, by chance
		{"a kind that there is not", func(r *otlp.Traces) { r.Spans[1].Kind = 6 }, [][]string{{"record 2", "kind is 6"}}},
		{"a status that there is not", func(r *otlp.Traces) { r.Spans[1].Status = 3 }, [][]string{{"record 2", "status code is 3"}}},
		{"several at once, in order", func(r *otlp.Traces) {
			r.Spans[1].Kind = 6
			r.Spans[3].ParentID = otlp.SpanID{1}
			r.Spans[2].End = r.Spans[1].End + 1
		}, [][]string{{"kind is 6"}, {"ends 1ns after its parent"}, {"its parent 0100000000000000"}}},
	} {
		t.Run(c.what, func(t *testing.T) {
			dir := planted(t, func(i uint64, r *otlp.Traces) {
				if i == 12 {
					c.edit(r)
				}
			})
			if c.what == "a trace in two records" {
				r, err := judge(context.Background(), settings{Dir: dir, Workers: 1})
				if err != nil || len(r.Findings()) == 0 || !strings.Contains(r.Findings()[0].Text, "is in records 1 and 2, and the manifest counts no splits") {
					t.Errorf("got %v, %v", r.Findings(), err)
				}
				return
			}
			checkFound(t, dir, c.want...)
		})
	}
}

func TestVerifyFindsWrongFiles(t *testing.T) {
	o := options(t.TempDir(), testHeader(30, 10))
	o.Compression = corpus.CompressionNone
	mustWrite(t, o)
	path := func(dir, name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	flip := func(name string, at int) func(dir string) error {
		return func(dir string) error {
			data, err := os.ReadFile(path(dir, name))
			if err == nil {
				data[(at+len(data))%len(data)] ^= 1
				err = os.WriteFile(path(dir, name), data, 0o666)
			}
			return err
		}
	}
	replace := func(name, from, to string) func(dir string) error {
		return func(dir string) error {
			data, err := os.ReadFile(path(dir, name))
			if err != nil {
				return err
			}
			if !bytes.Contains(data, []byte(from)) {
				return errors.New("nothing to replace")
			}
			return os.WriteFile(path(dir, name), bytes.Replace(data, []byte(from), []byte(to), 1), 0o666)
		}
	}
	put := func(name string) func(dir string) error {
		return func(dir string) error {
			if err := os.MkdirAll(filepath.Dir(path(dir, name)), 0o777); err != nil {
				return err
			}
			return os.WriteFile(path(dir, name), []byte("x"), 0o666)
		}
	}
	remove := func(name string) func(dir string) error {
		return func(dir string) error { return os.Remove(path(dir, name)) }
	}
	all := func(fs ...func(string) error) func(string) error {
		return func(dir string) error {
			for _, f := range fs {
				if err := f(dir); err != nil {
					return err
				}
			}
			return nil
		}
	}
	const seg0, seg1 = "traces/000000.pb", "traces/000001.pb"
	for _, c := range []struct {
		what   string
		damage func(dir string) error
		want   [][]string
	}{
		{"a flipped byte of the last span's text", flip(seg1, -1), [][]string{{seg1, "was changed"}, {seg1, "digest mismatch: manifest "}}},
		{"a flipped byte of a length", flip(seg1, 0), [][]string{{seg1, "was changed"}, {seg1, "digest mismatch"}, {seg1, "record 0", "truncated"}}},
		{"a truncated file", func(dir string) error { return os.Truncate(path(dir, seg1), 1000) },
			[][]string{{seg1, "has 1000 bytes, manifest says"}, {seg1, "1000 bytes, manifest says"}, {seg1, "was changed"},
				{seg1, "digest mismatch"}, {seg1, "record ", "truncated"}}},
		{"a missing segment", remove(seg1), [][]string{{seg1, "is missing"}}},
		{"an extra file", put("traces/notes.txt"), [][]string{{"traces/notes.txt", "is an extra file"}}},
		{"an extra segment", put("traces/000003.pb"), [][]string{{"traces/000003.pb", "is an extra file: the manifest does not have it"}}},
		{"an extra folder", put("src/main.go"), [][]string{{"src", "is an extra file"}}},
		{"what an interrupted run left", all(put("parts/0-of-2.json"), put(".manifest.json.tmp-00ff00ff00ff")),
			[][]string{{".manifest.json.tmp-00ff00ff00ff", "interrupted run"}, {"parts/0-of-2.json", "interrupted run"}}},
		{"two compressions of one segment", put(seg1 + ".zst"), [][]string{{seg1 + ": ", "000001.pb and traces/000001.pb.zst are both there"}}},
		{"a manifest that was spelled again", replace(corpus.ManifestFile, `"seed": 42`, `"seed":  42`),
			[][]string{{corpus.ManifestFile, "spelled"}, {corpus.ManifestFile, "was changed"}}},
		{"a manifest with another digest", replace(corpus.ManifestFile, `"xxh64": "`, `"xxh64": "0123456789abcdef", "xxh64": "`),
			[][]string{{corpus.ManifestFile, "spelled"}, {corpus.ManifestFile, "was changed"}}},
		{"a manifest whose sums are wrong", replace(corpus.ManifestFile, `"records": 10`, `"records": 9`),
			[][]string{{corpus.ManifestFile, "totals of traces"}, {corpus.ManifestFile, "was changed"}}},
		{"a manifest with more in it", replace(corpus.ManifestFile, `"seed": 42`, `"seed": 42, "mood": "good"`),
			[][]string{{corpus.ManifestFile, `unknown field "mood"`}, {corpus.ManifestFile, "was changed"}}},
		{"a manifest that is no JSON", func(dir string) error { return os.WriteFile(path(dir, corpus.ManifestFile), []byte("{"), 0o666) },
			[][]string{{corpus.ManifestFile, "unexpected end"}, {corpus.ManifestFile, "was changed"}}},
		{"a manifest of another prefix", replace(corpus.ManifestFile, `"prefix": "vendor"`, `"prefix": "acme"`), [][]string{{corpus.ManifestFile, "was changed"}}},
		{"other conventions", replace(corpus.ConventionsFile, "version: 1", "version: 2"), [][]string{{corpus.ConventionsFile, "was changed"}}},
		{"no conventions", remove(corpus.ConventionsFile), [][]string{{corpus.ConventionsFile, "is missing"}}},
		{"no sums", remove(corpus.SumsFile), [][]string{{corpus.SumsFile, "is missing"}}},
		{"sums that are none", replace(corpus.SumsFile, "  ", " "), [][]string{{corpus.SumsFile, "line 1 is not"}, {"is not listed in SHA256SUMS"}}},
		{"sums of a file that is not there", func(dir string) error {
			data, err := os.ReadFile(path(dir, corpus.SumsFile))
			data = append(data, strings.Replace(string(data[:bytes.IndexByte(data, '\n')+1]), corpus.BuildInfoFile, "traces/000009.pb", 1)...)
			return errors.Join(err, os.WriteFile(path(dir, corpus.SumsFile), data, 0o666))
		}, [][]string{{"traces/000009.pb", "is missing, but listed"}}},
		{"several things", all(flip(seg0, -1), remove(seg1), put("extra"), replace(corpus.ConventionsFile, "1", "2")), [][]string{
			{seg1, "is missing"}, {"extra", "is an extra file"}, {corpus.ConventionsFile, "was changed"}, {seg0, "was changed"}, {seg0, "digest mismatch"}}},
	} {
		t.Run(c.what, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(o.Dir)); err != nil {
				t.Fatal(err)
			}
			if err := c.damage(dir); err != nil {
				t.Fatal(err)
			}
			checkFound(t, dir, c.want...)
		})
	}
}

func TestVerifyFindsDamageOfCompressedFiles(t *testing.T) {
	for _, c := range []corpus.Compression{corpus.CompressionZstd, corpus.CompressionGzip} {
		o := options(t.TempDir(), testHeader(30, 10))
		o.Compression = c
		mustWrite(t, o)
		name := "traces/000001.pb" + c.Suffix()
		path := filepath.Join(o.Dir, name)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for at := 0; at < len(data); at += 7 {
			damaged := bytes.Clone(data)
			damaged[at] ^= 1 << (at % 8)
			if err := os.WriteFile(path, damaged, 0o666); err != nil {
				t.Fatal(err)
			}
			r, err := judge(context.Background(), settings{Dir: o.Dir, Workers: 1})
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Findings()) == 0 || r.Findings()[0].File != name {
				t.Fatalf("%v: flip in byte %d: findings %v", c, at, r.Findings())
			}
		}
		for n := 0; n < len(data); n += 3 {
			if err := os.WriteFile(path, data[:n], 0o666); err != nil {
				t.Fatal(err)
			}
			opened, err := corpus.Open(o.Dir)
			if n == 0 {
				if !errors.Is(err, corpus.ErrCorrupt) {
					t.Errorf("%v: empty file: opened with %v", c, err)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := opened.ReadSegment(1, otlp.SignalTraces); !errors.Is(err, corpus.ErrCorrupt) {
				t.Fatalf("%v: first %d bytes of %d: got %v, want ErrCorrupt", c, n, len(data), err)
			}
		}
	}
}

// A frame may be written by hand, past the encoder's limit.
func TestVerifyFindsRecordOverTheLimit(t *testing.T) {
	for _, format := range []otlp.Format{otlp.FormatProto, otlp.FormatJSON} {
		h := testHeader(10, 10)
		h.Options.Format = format.String()
		o := options(t.TempDir(), h)
		o.NewFill = func() (corpus.Fill, error) {
			s := &synthetic{header: h}
			return func(segment uint64, seg *otlp.Segment) error {
				if err := s.fill(segment, seg); err != nil {
					return err
				}
				s.iteration(3)
				s.rec.Attrs[0].Word = otlp.PackRange(otlp.Range{Start: 0, End: uint32(len(s.rec.Text))})
				s.rec.Text = bytes.Repeat([]byte("a"), otlp.MaxRecordBytes)
				s.rec.Attrs[0].Word = otlp.PackRange(otlp.Range{Start: 0, End: otlp.MaxRecordBytes})
				payload := otlp.AppendTraces(nil, &s.rec, format)
				b := &seg.Blocks[otlp.SignalTraces]
				b.Data = otlp.AppendFrame(b.Data[:0], payload, format)
				b.Records, b.Items = 1, uint64(len(s.rec.Spans))
				b.First, b.Last = s.rec.Spans[0].Start, s.rec.Spans[0].End
				return nil
			}, nil
		}
		mustWrite(t, o)
		checkFound(t, o.Dir, []string{"traces/000000.", "record 0: 1", "none may reach the limit of 1000000"})
	}
}

func TestVerifyFindsWrongCounts(t *testing.T) {
	o := options(t.TempDir(), testHeader(10, 10))
	o.NewFill = func() (corpus.Fill, error) {
		s := &synthetic{header: o.Header}
		return func(segment uint64, seg *otlp.Segment) error {
			err := s.fill(segment, seg)
			b := &seg.Blocks[otlp.SignalTraces]
			b.Records, b.Items, b.First, b.Last = b.Records+1, b.Items-1, b.First-1, b.Last+1
			return err
		}, nil
	}
	mustWrite(t, o)
	checkFound(t, o.Dir, []string{"10 records, manifest says 11"}, []string{"items, manifest says"},
		[]string{"earliest start is 2026-01-01T00:00:00Z, manifest says 2025-12-31T23:59:59.999999999Z"}, []string{"latest end"})
}

func TestSplitTraceIsNoFinding(t *testing.T) {
	h := testHeader(10, 10)
	o := options(t.TempDir(), h)
	o.NewFill = func() (corpus.Fill, error) {
		return (&synthetic{header: h, edit: func(i uint64, r *otlp.Traces) {
			if i != 4 {
				return
			}
			start := uint32(len(r.Text))
			r.Text = append(r.Text, bytes.Repeat([]byte("long "), 80_000)...)
			for k := range r.Spans {
				a := &r.Attrs[r.Spans[k].Attrs.Start]
				a.Word = otlp.PackRange(otlp.Range{Start: start, End: uint32(len(r.Text))})
			}
		}}).fill, nil
	}
	m := mustWrite(t, o)
	if m.Totals[0].Splits == 0 {
		t.Fatal("nothing was split: the test is void")
	}
	checkClean(t, o.Dir)
}

func TestVerifyFindsJSONFilesThatBeginAlike(t *testing.T) {
	h := testHeader(30, 10)
	h.Options.Format = "json"
	o := options(t.TempDir(), h)
	o.NewFill = func() (corpus.Fill, error) {
		s := &synthetic{header: h, edit: func(_ uint64, r *otlp.Traces) {
			// A long resource comes first and hides the ids.
			r.Text = append(r.Text, bytes.Repeat([]byte("r"), 2000)...)
			end := uint32(len(r.Text))
			r.Attrs[0].Word = otlp.PackRange(otlp.Range{Start: end - 2000, End: end})
		}}
		return func(segment uint64, seg *otlp.Segment) error {
			err := s.fill(segment, seg)
			return err
		}, nil
	}
	mustWrite(t, o)
	r, err := judge(context.Background(), settings{Dir: o.Dir, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	c, err := corpus.Open(o.Dir)
	if err != nil {
		t.Fatal(err)
	}
	heads := make(map[string]bool)
	for i := range uint64(3) {
		data, err := c.ReadSegment(i, otlp.SignalTraces)
		if err != nil {
			t.Fatal(err)
		}
		heads[string(data[:min(len(data), headBytes)])] = true
	}
	if got, want := len(r.Findings()), 3-len(heads); got != want {
		t.Errorf("%d findings, want %d: %v", got, want, r.Findings())
	}
	v := verifier{found: newFindings(10), heads: make(map[string]string)}
	for _, h := range []head{{otlp.SignalTraces, "a", "{x"}, {otlp.SignalLogs, "b", "{x"}, {otlp.SignalTraces, "c", "{y"}, {otlp.SignalTraces, "d", "{x"}} {
		v.sameHead(h)
	}
	got := v.found.list()
	if len(got) != 1 || got[0].Count != 1 || got[0].Examples[0].File != "d" || !strings.Contains(got[0].Examples[0].Text, "begins like a") {
		t.Errorf("got %v, want that d begins like a", got)
	}
}

func TestVerifyCountsFindingsBeyondTheLimit(t *testing.T) {
	dir := planted(t, func(_ uint64, r *otlp.Traces) {
		for i := range r.Spans {
			r.Spans[i].Kind = 9
		}
	})
	r, err := judge(context.Background(), settings{Dir: dir, Workers: 2, MaxExamples: 5})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Findings()) != 5 || len(r.Groups) != 1 || r.Groups[0].Rule != "span-enum" || r.Spans != r.Count || r.Groups[0].Count != r.Count || r.Count < 100 {
		t.Errorf("%d findings of %d, groups %v, of %d spans", len(r.Findings()), r.Count, r.Groups, r.Spans)
	}
}

func TestVerifyAsksTheCheck(t *testing.T) {
	dir := planted(t, nil)
	check := func() recordCheck {
		return func(r *otlp.Traces, report func(int, problem)) {
			for i := range r.Spans {
				if r.Strings.String(r.Spans[i].Name) == "answer" && r.Spans[i].Start%7 == 0 {
					report(i, problem{Rule: "house", Text: "is not allowed"})
				}
			}
		}
	}
	var first []Finding
	for _, workers := range []int{1, 2, 8} {
		r, err := judge(context.Background(), settings{Dir: dir, Workers: workers, NewCheck: check})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Findings()) == 0 || r.Findings()[0].Span == "" || r.Findings()[0].Text != "is not allowed" {
			t.Fatalf("findings %v", r.Findings())
		}
		if first == nil {
			first = r.Findings()
		}
		if len(first) != len(r.Findings()) || first[len(first)-1] != r.Findings()[len(first)-1] {
			t.Errorf("%d workers find another list", workers)
		}
	}
}

func TestVerifyRefuses(t *testing.T) {
	dir := t.TempDir()
	verify := func() error {
		_, err := judge(context.Background(), settings{Dir: dir, Workers: 1})
		return err
	}
	if err := verify(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("empty directory: %v", err)
	}
	o := options(dir, testHeader(30, 10))
	interrupt(t, o, 1)
	if err := verify(); !errors.Is(err, corpus.ErrIncomplete) {
		t.Errorf("interrupted: %v", err)
	}
	m := (&corpus.Manifest{Header: o.Header}).Encode()
	newer := bytes.Replace(m, []byte(`"format_version": 1`), []byte(`"shape": "new", "format_version": 99`), 1)
	newer = bytes.Replace(newer, []byte(`"segments": null`), []byte(`"segments": []`), 1)
	if err := os.WriteFile(filepath.Join(dir, corpus.ManifestFile), newer, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := verify(); !errors.Is(err, corpus.ErrVersion) || !strings.Contains(err.Error(), "version 99") {
		t.Errorf("newer format: %v", err)
	}
	if _, err := corpus.Open(dir); !errors.Is(err, corpus.ErrVersion) {
		t.Errorf("open newer format: %v", err)
	}
	o.Resume = true
	if _, err := corpus.Write(context.Background(), o); !errors.Is(err, corpus.ErrVersion) {
		t.Errorf("resume newer format: %v", err)
	}
}

// A file of few bytes that opens to many must not be believed.
func TestBombIsBounded(t *testing.T) {
	o := options(t.TempDir(), testHeader(10, 10))
	mustWrite(t, o)
	for _, compression := range []corpus.Compression{corpus.CompressionZstd, corpus.CompressionGzip} {
		e, err := codec.NewEncoder(compression, corpus.LevelFastest)
		if err != nil {
			t.Fatal(err)
		}
		bomb, err := e.Append(nil, make([]byte, 64<<20))
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(o.Dir)); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(dir, "traces", "000000.pb.zst")); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "traces", "000000.pb"+compression.Suffix()), bomb, 0o666); err != nil {
			t.Fatal(err)
		}
		c, err := corpus.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		r, err := c.NewReader()
		if err != nil {
			t.Fatal(err)
		}
		out, err := r.AppendSegment(nil, 0, otlp.SignalTraces)
		if !errors.Is(err, corpus.ErrCorrupt) || !errors.Is(err, codec.ErrLimit) {
			t.Errorf("%v: got %v, want ErrCorrupt by ErrLimit", compression, err)
		}
		if cap(out) > 1<<20 {
			t.Errorf("%v: %d bytes were taken", compression, cap(out))
		}
	}
}
