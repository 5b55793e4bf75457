package verify

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// synthesized is what the seed says of the synthetic corpora of tests.
type synthesized struct{ h corpus.Header }

func (s synthesized) StartOf(i uint64) uint64 {
	return uint64(s.h.Options.Start) + i*uint64(s.h.Options.Interval)
}

func (s synthesized) TraceID(o ids.Origin) otlp.TraceID {
	return ids.New(s.h.Seed).TraceID(o, o.Iteration*31+uint64(o.Part)+7)
}

// checkRules fails unless the findings are of these rules, in any number.
func checkRules(t *testing.T, what string, o settings, want ...string) *Report {
	t.Helper()
	o.Workers = 2
	r, err := judge(context.Background(), o)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	var got []string
	for _, g := range r.Groups {
		got = append(got, g.Rule)
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%s: found %q, want %q: %v", what, got, want, r.Findings())
	}
	return r
}

// TestVerifyHoldsIterationsToTheSeed plants what digests cannot tell: all of it
// was written by a writer, and fits the manifest.
func TestVerifyHoldsIterationsToTheSeed(t *testing.T) {
	h := testHeader(30, 10)
	for _, c := range []struct {
		what   string
		edit   func(i uint64, r *otlp.Traces)
		header func(h *corpus.Header)
		want   []string
	}{
		{"nothing", nil, nil, nil},
		{"an iteration less", func(i uint64, r *otlp.Traces) {
			if i == 12 {
				r.Spans = r.Spans[:0]
			}
		}, nil, []string{"iteration-missing"}},
		{"the first iteration of a segment less", func(i uint64, r *otlp.Traces) {
			if i == 20 {
				r.Spans = r.Spans[:0]
			}
		}, nil, []string{"iteration-missing"}},
		{"a span less", func(i uint64, r *otlp.Traces) {
			if i == 12 {
				r.Spans[2].ParentID, r.Spans[2].SpanID = r.Spans[1].SpanID, r.Spans[3].SpanID
				r.Spans = append(r.Spans[:3], r.Spans[4:]...)
			}
		}, nil, []string{"span-id"}},
		{"the random half of an id", func(i uint64, r *otlp.Traces) {
			for k := range r.Spans {
				if i == 12 {
					r.Spans[k].TraceID[15] ^= 1
				}
			}
		}, nil, []string{"trace-id", "span-id"}},
		{"another turn", func(i uint64, r *otlp.Traces) {
			for k := range r.Spans {
				if i == 12 {
					r.Spans[k].TraceID = synthesized{h}.TraceID(ids.Origin{Iteration: i, Turn: 1})
				}
			}
		}, nil, []string{"span-id", "turn-missing"}},
		{"the instance of another segment", func(i uint64, r *otlp.Traces) {
			if i == 12 {
				r.Text[otlp.UnpackRange(r.Attrs[1].Word).End-1] = '2'
			}
		}, nil, []string{"instance"}},
		{"one instance of several", nil, func(h *corpus.Header) { h.Instances = 3 * turns }, []string{"instance"}},
		{"another start", nil, func(h *corpus.Header) { h.Options.Start++ }, []string{"iteration-start"}},
		{"another interval", nil, func(h *corpus.Header) { h.Options.Interval++ }, []string{"iteration-start"}},
		{"another revision", nil, func(h *corpus.Header) { h.Revision++ }, []string{"scope-version"}},
		{"a digest that is none", nil, func(h *corpus.Header) { h.PlanDigest = "what it was" }, []string{"manifest-value"}},
		{"another merge", nil, func(h *corpus.Header) { h.Options.BatchItems = 100 }, []string{"record-requests"}},
		{"each scenario once, and more", nil, func(h *corpus.Header) { h.Options.EachOnce = true }, []string{"manifest-value"}},
		{"no scenarios", nil, func(h *corpus.Header) { h.Scenarios = []corpus.Scenario{} }, []string{"manifest-value"}},
	} {
		claimed := h
		if c.header != nil {
			c.header(&claimed)
		}
		o := options(t.TempDir(), claimed)
		o.NewFill = func() (corpus.Fill, error) { return (&synthetic{header: h, edit: c.edit}).fill, nil }
		mustWrite(t, o)
		r := checkRules(t, c.what, settings{Dir: o.Dir, Seeded: synthesized{claimed}}, c.want...)
		for _, f := range r.Findings() {
			if f.Rule == "iteration-missing" && (f.Iteration < 0 || f.Segment < 0 || f.Signal != "traces") {
				t.Errorf("%s: the finding says not where: %+v", c.what, f)
			}
		}
	}
}

// A segment can claim any number of iterations: none of them is gone through.
func TestVerifyCountsMissingIterationsAtOnce(t *testing.T) {
	h := testHeader(1<<40, 1<<40)
	h.Options.Interval = 0
	o := options(t.TempDir(), h)
	o.NewFill = func() (corpus.Fill, error) {
		s := &synthetic{header: h}
		return func(_ uint64, seg *otlp.Segment) error {
			s.enc.Format = otlp.FormatProto
			s.iteration(3)
			return s.enc.AppendRecord(&seg.Blocks[otlp.SignalTraces], &s.rec)
		}, nil
	}
	mustWrite(t, o)
	r := checkRules(t, "2^40 iterations", settings{Dir: o.Dir, Seeded: synthesized{h}}, "iteration-missing")
	if n := r.Groups[0].Count; n != 1<<40-1 || len(r.Groups[0].Examples) != 3 {
		t.Errorf("%d iterations are missing, with %d examples", n, len(r.Groups[0].Examples))
	}
}

// TestVerifyHoldsRecordsToTheirRequests plants whole requests in other records
// than the manifest says.
func TestVerifyHoldsRecordsToTheirRequests(t *testing.T) {
	for _, c := range []struct {
		what    string
		records [][]uint64 // iterations
		batch   int
		want    []string
	}{
		{"one each", [][]uint64{{0}, {1}, {2}}, 0, nil},
		{"another order", [][]uint64{{1}, {0}, {2}}, 0, []string{"record-requests"}},
		{"two in one", [][]uint64{{0}, {1, 2}}, 0, []string{"record-requests"}},
		{"merged", [][]uint64{{0, 1}, {2}}, 5, nil},
		{"merged too little", [][]uint64{{0}, {1, 2}}, 5, []string{"record-requests"}},
		{"merged in another order", [][]uint64{{0, 2}, {1}}, 5, []string{"record-requests"}},
	} {
		h := testHeader(3, 3)
		h.Options.BatchItems = c.batch
		o := options(t.TempDir(), h)
		o.NewFill = func() (corpus.Fill, error) {
			s := &synthetic{header: h}
			return func(_ uint64, seg *otlp.Segment) error {
				b := &seg.Blocks[otlp.SignalTraces]
				for _, record := range c.records {
					var raw []byte // messages one behind the other are one message
					for _, i := range record {
						s.iteration(i)
						raw = otlp.AppendTraces(raw, &s.rec, otlp.FormatProto)
						for k := range s.rec.Spans {
							b.First = min(b.First-1, s.rec.Spans[k].Start-1) + 1 // 0: none yet
							b.Last = max(b.Last, s.rec.Spans[k].End)
						}
						b.Items += uint64(len(s.rec.Spans))
					}
					b.Data = otlp.AppendFrame(b.Data, raw, otlp.FormatProto)
					b.Records++
				}
				return nil
			}, nil
		}
		mustWrite(t, o)
		checkRules(t, c.what, settings{Dir: o.Dir, Seeded: synthesized{h}}, c.want...)
	}
}

// TestVerifyHoldsRecordsToTheirSpelling plants what no reader of records sees.
func TestVerifyHoldsRecordsToTheirSpelling(t *testing.T) {
	for _, c := range []struct {
		what, format string
		edit         func(record []byte) [][]byte
		want         []string
	}{
		{"an empty record", "proto", func(r []byte) [][]byte { return [][]byte{r, {}} }, []string{"record-empty"}},
		{"an empty object", "json", func(r []byte) [][]byte { return [][]byte{[]byte("{}"), r} }, []string{"record-empty"}},
		{"a null", "json", func(r []byte) [][]byte { return [][]byte{bytes.Replace(r, []byte("{"), []byte(`{"x":null,`), 1)} }, []string{"record-spelling"}},
		{"a value of null", "json", func(r []byte) [][]byte {
			at := bytes.Index(r, []byte(`"stringValue":"`)) + len(`"stringValue":`)
			end := at + 1 + bytes.IndexByte(r[at+1:], '"') + 1
			return [][]byte{append(append(bytes.Clone(r[:at]), "null"...), r[end:]...)}
		}, []string{"record-spelling"}},
		{"white space", "json", func(r []byte) [][]byte { return [][]byte{append(bytes.Clone(r), ' ')} }, []string{"record-spelling"}},
		{"a field that is not known", "proto", func(r []byte) [][]byte { return [][]byte{append(bytes.Clone(r), 0xf8, 7, 5)} }, []string{"record-spelling"}},
		{"100,000 empty records", "proto", func(r []byte) [][]byte { return append(make([][]byte, 100_001), r) }, []string{"not-judged", "record-empty"}},
	} {
		h := testHeader(1, 1)
		h.Options.Format = c.format
		o := options(t.TempDir(), h)
		o.NewFill = func() (corpus.Fill, error) {
			s := &synthetic{header: h}
			return func(_ uint64, seg *otlp.Segment) error {
				s.iteration(0)
				b := &seg.Blocks[otlp.SignalTraces]
				format := h.Options.OTLPFormat()
				for _, r := range c.edit(otlp.AppendTraces(nil, &s.rec, format)) {
					b.Data = otlp.AppendFrame(b.Data, r, format)
					b.Records++
				}
				b.Items, b.First, b.Last = 4, s.rec.Spans[0].Start, s.rec.Spans[0].End
				return nil
			}, nil
		}
		mustWrite(t, o)
		checkRules(t, c.what, settings{Dir: o.Dir}, c.want...)
	}
}

// TestVerifyComparesWithWhatIsMadeAgain plants what breaks no rule.
func TestVerifyComparesWithWhatIsMadeAgain(t *testing.T) {
	h := testHeader(30, 10)
	for _, c := range []struct {
		what string
		edit func(i uint64, r *otlp.Traces)
		want string
	}{
		{"nothing", nil, ""},
		{"a letter", func(i uint64, r *otlp.Traces) {
			if i == 12 {
				r.Text[len(r.Text)-1] ^= 1
			}
		}, "segment 1, traces: record 2 differs from the one made again, from byte "},
		{"a record less", func(i uint64, r *otlp.Traces) {
			if i == 19 {
				r.Spans = r.Spans[:0]
			}
		}, "segment 1, traces: the manifest says records 9, made again it is 10"},
	} {
		o := options(t.TempDir(), h)
		o.NewFill = func() (corpus.Fill, error) { return (&synthetic{header: h, edit: c.edit}).fill, nil }
		mustWrite(t, o)
		r, err := judge(context.Background(), settings{Dir: o.Dir, Workers: 2, Remake: func() (corpus.Fill, error) { return (&synthetic{header: h}).fill, nil }})
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, f := range r.Findings() {
			all = append(all, f.String())
			if f.Rule != "regenerate" || f.Segment != 1 || f.Signal != "traces" {
				t.Errorf("%s: got %+v", c.what, f)
			}
		}
		if text := strings.Join(all, "\n"); (c.want == "") != (text == "") || !strings.Contains(text, c.want) {
			t.Errorf("%s: got %q, want %q in it", c.what, text, c.want)
		}
		if c.what == "a letter" && !strings.Contains(strings.Join(all, "\n"), ", in iteration 12") {
			t.Errorf("the iteration is not told: %q", all)
		}
	}
}

// TestFindingsAreBounded holds findings to their number and length, and to what
// is told once.
func TestFindingsAreBounded(t *testing.T) {
	dir := planted(t, nil)
	long := strings.Repeat("\x1b[31m", 100_000)
	r, err := judge(context.Background(), settings{Dir: dir, Workers: 3, NewCheck: func() recordCheck {
		return func(r *otlp.Traces, report func(int, problem)) {
			for i := range r.Spans {
				report(i, problem{Rule: "span", Text: long})
				report(i, problem{Rule: "resource", Text: "of all", Once: true})
			}
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range r.Groups {
		switch {
		case g.Rule == "span" && (g.Count != r.Spans || len(g.Examples) != 3):
			t.Errorf("%d findings with %d examples, want %d with 3", g.Count, len(g.Examples), r.Spans)
		case g.Rule == "resource" && g.Count != 1:
			t.Errorf("what is the same for all is told %d times", g.Count)
		}
		for _, f := range g.Examples {
			if text := f.String(); len(text) > 10_000 || strings.ContainsRune(text, '\x1b') {
				t.Errorf("a finding of %d bytes is printed as %.60q", len(text), text)
			}
		}
	}
	if len(r.Groups) != 2 {
		t.Errorf("got %d groups", len(r.Groups))
	}
}
