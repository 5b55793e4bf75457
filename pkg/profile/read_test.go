package profile

import (
	"testing"

	"github.com/otelsim/otelsim/pkg/otelsim"
	"github.com/otelsim/otelsim/pkg/profile/intake"
)

// generated writes a corpus and returns it as an input.
func generated(t testing.TB, o otelsim.Options) *intake.Input {
	t.Helper()
	dir := t.TempDir()
	plan, err := otelsim.New(o)
	if err == nil {
		_, err = plan.Write(t.Context(), otelsim.WriteOptions{Dir: dir})
	}
	if err != nil {
		t.Fatal(err)
	}
	in, err := intake.Open([]string{dir}, intake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// The halves of an input and the whole do not depend on how many read, and nothing is
// in both halves or in none.
func TestReadHalves(t *testing.T) {
	in := generated(t, otelsim.Options{Seed: 1, Count: 60, SegmentIterations: 5}) // for two to read
	whole, halves, err := ReadHalves(t.Context(), in, Options{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	again, others, err := ReadHalves(t.Context(), in, Options{}, 2)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "whole, by two workers", whole, again)
	for i := range halves {
		same(t, "half, by two workers", halves[i], others[i])
		if n := halves[i].Traces.Count; n < whole.Traces.Count/5 {
			t.Errorf("half %d has %d traces of %d", i, n, whole.Traces.Count)
		}
		for sig, size := range halves[i].Sizes {
			if 10*size.Items < whole.Sizes[sig].Items {
				t.Errorf("half %d has %d items of %d of signal %d", i, size.Items, whole.Sizes[sig].Items, sig)
			}
		}
	}
	for workers := 1; workers <= 2; workers++ {
		p, err := Read(t.Context(), in, Options{}, workers)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "whole, without halves", whole, p)
	}
	if n := halves[0].Sessions.Count + halves[1].Sessions.Count; n != whole.Sessions.Count || n == 0 {
		t.Errorf("%d sessions in the halves, %d in all", n, whole.Sessions.Count)
	}
}

// replayed is what an input handed over, kept.
type replayed struct{ traces []*intake.Trace }

func (r *replayed) Log(*intake.Log)     {}
func (r *replayed) Point(*intake.Point) {}
func (r *replayed) Trace(t *intake.Trace) {
	c := *t
	c.Logs = nil
	c.Spans = make([]intake.Span, len(t.Spans))
	attributes := func(list []intake.Attribute) []intake.Attribute {
		out := make([]intake.Attribute, len(list))
		for i, x := range list {
			x.Key, x.Text = append([]byte(nil), x.Key...), append([]byte(nil), x.Text...)
			out[i] = x
		}
		return out
	}
	for i, s := range t.Spans {
		s.Name, s.Message, s.Raw = append([]byte(nil), s.Name...), append([]byte(nil), s.Message...), append([]byte(nil), s.Raw...)
		s.Attributes = attributes(s.Attributes)
		s.Events = append([]intake.Event(nil), s.Events...)
		for k := range s.Events {
			e := &s.Events[k]
			e.Name, e.Attributes = append([]byte(nil), e.Name...), attributes(e.Attributes)
		}
		c.Spans[i] = s
	}
	r.traces = append(r.traces, &c)
}

// BenchmarkBuilder tells the time of a span, once all of its kind is known.
func BenchmarkBuilder(b *testing.B) {
	for _, name := range []string{"backend_outage", "claim_conversation"} {
		b.Run("of "+name, func(b *testing.B) {
			r := new(replayed)
			if err := generated(b, otelsim.Options{Seed: 1, Count: 300, Scenarios: []string{name}}).Each(b.Context(), r); err != nil {
				b.Fatal(err)
			}
			builder, spans, attributes := NewBuilder(Options{}), 0, 0
			for _, t := range r.traces {
				builder.Trace(t)
			}
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				t := r.traces[i%len(r.traces)]
				builder.Trace(t)
				spans += len(t.Spans)
				for k := range t.Spans {
					attributes += len(t.Spans[k].Attributes)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(spans), "ns/span")
			b.ReportMetric(float64(attributes)/float64(spans), "attributes/span")
			b.ReportMetric(float64(spans)/float64(len(r.traces)), "spans")
		})
	}
}
