package differ

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/form"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

// items takes records apart, as match does.
func items(t testing.TB, sig otlp.Signal, f otlp.Format, payloads ...[]byte) (all []match.Item) {
	t.Helper()
	var s form.Splitter
	digest := func(m form.Message, b []byte) uint64 {
		d, err := form.Digest(m, b)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	part := func(m form.Message, b []byte) *match.Part {
		return &match.Part{Bytes: bytes.Clone(b), Digest: digest(m, b)}
	}
	for _, payload := range payloads {
		if f == otlp.FormatJSON {
			var err error
			if payload, err = form.AppendProto(nil, sig, payload); err != nil {
				t.Fatal(err)
			}
		}
		err := s.Split(sig, payload, func(r *form.Raw) error {
			it := match.Item{
				Signal: sig, Message: r.Message, Bytes: bytes.Clone(r.Bytes), Digest: digest(r.Message, r.Bytes), Time: r.Time,
				Resource: part(form.ResourcePart, r.Resource), Scope: part(form.ScopePart, r.Scope), TraceID: r.TraceID, SpanID: r.SpanID,
			}
			if sig == otlp.SignalMetrics {
				it.Metric = part(form.MetricPart, r.Metric)
			}
			all = append(all, it)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// identity is what items of two sides are joined by, within their unit.
func identity(it *match.Item) string {
	switch it.Signal {
	case otlp.SignalTraces:
		return string(it.SpanID[:])
	case otlp.SignalLogs:
		return fmt.Sprint(it.SpanID, it.Time, valueOf(it, "event_name"))
	}
	d, _ := form.AttributesDigest(it.Message, it.Bytes)
	return fmt.Sprint(nameOf(it), it.Time, d, serviceOf(it))
}

// join shows a judge the items of two sides, trace by trace.
func join(t testing.TB, d *Differ, a, b []match.Item) *match.Summary {
	t.Helper()
	var s match.Summary
	var order []otlp.TraceID
	units := make(map[otlp.TraceID]*match.Unit)
	unit := func(it *match.Item) *match.Unit {
		u := units[it.TraceID]
		if u == nil {
			u = &match.Unit{Signal: it.Signal, TraceID: it.TraceID}
			units[it.TraceID] = u
			order = append(order, it.TraceID)
		}
		return u
	}
	open := make(map[string][]*match.Pair)
	key := func(it *match.Item) string { return string(it.TraceID[:]) + identity(it) }
	for i := range a {
		s.Sent[a[i].Signal]++
		u := unit(&a[i])
		u.Pairs = append(u.Pairs, match.Pair{Sent: &match.Sent{Item: a[i]}})
	}
	for _, u := range units {
		for i := range u.Pairs {
			p := &u.Pairs[i]
			open[key(&p.Sent.Item)] = append(open[key(&p.Sent.Item)], p)
		}
	}
	for i := range b {
		s.Received[b[i].Signal]++
		u := unit(&b[i])
		got := &match.Received{Item: b[i]}
		of := open[key(&got.Item)]
		if len(of) == 0 {
			u.MadeUp = append(u.MadeUp, got)
			continue
		}
		at := max(slices.IndexFunc(of, func(p *match.Pair) bool { return p.Sent.Digest == got.Digest }), 0)
		of[at].Copies = append(of[at].Copies, got)
		open[key(&got.Item)] = slices.Delete(of, at, at+1)
	}
	judge := d.Begin(0)
	for _, id := range order {
		if err := judge.Take(units[id]); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.End(0, judge); err != nil {
		t.Fatal(err)
	}
	return &s
}

// corpusItems returns the items of a plan, by signal.
func corpusItems(t testing.TB, p *otelsim.Plan, f otlp.Format, sig otlp.Signal) []match.Item {
	t.Helper()
	var payloads [][]byte
	for r, err := range p.Records() {
		if err != nil {
			t.Fatal(err)
		}
		if r.Signal == sig {
			payloads = append(payloads, slices.Clone(r.Payload))
		}
	}
	return items(t, sig, f, payloads...)
}

// side returns a plan as a side.
func side(name string, p *otelsim.Plan) Side {
	h := p.Header()
	draw := otelsim.DrawOf(&h)
	return Side{Name: name, Iterations: h.Options.Count, PerSegment: h.Options.SegmentIterations, Scenarios: draw.Names,
		Scenario: func(i uint64) string { return draw.Names[draw.Pick(i)] }}
}

// plans compares the corpora of two plans.
func plans(t testing.TB, oa, ob otelsim.Options, signals ...otlp.Signal) *Result {
	t.Helper()
	a, err := otelsim.New(oa)
	if err != nil {
		t.Fatal(err)
	}
	b, err := otelsim.New(ob)
	if err != nil {
		t.Fatal(err)
	}
	seed := oa.Seed
	d := New(Options{Seed: &seed, A: side("a", a), B: side("b", b), Signals: signals})
	var sum match.Summary
	for _, sig := range signals {
		s := join(t, d, corpusItems(t, a, oa.Format, sig), corpusItems(t, b, ob.Format, sig))
		sum.Sent[sig], sum.Received[sig] = s.Sent[sig], s.Received[sig]
	}
	return d.Result(&sum)
}

// TestAnotherScenario: what runs in place of another scenario is told as that, and
// not field by field.
func TestAnotherScenario(t *testing.T) {
	a := otelsim.Options{Seed: 3, Count: 40, Inputs: edited(t, "", "", "")}
	b := a
	b.Inputs = edited(t, "with_rag.yaml", "workload_weight: 3", "workload_weight: 30")
	for _, signals := range [][]otlp.Signal{{otlp.SignalTraces}, {otlp.SignalLogs}} {
		r := plans(t, a, b, signals...)
		if r.Equal() || len(r.Groups) == 0 {
			t.Fatalf("got %s", printedResult(t, r))
		}
		var counts [numKinds]uint64
		for _, g := range r.Groups {
			counts[g.Kind] += g.Count
			for _, e := range g.Examples {
				if g.Path != scenarioPath || e.Path != scenarioPath || e.After != `"with_rag"` || e.Before == e.After || e.Trace == "" || e.Place == "" {
					t.Errorf("got %+v", g)
				}
			}
		}
		if counts != r.Totals[signals[0]] {
			t.Errorf("groups count %v, totals are %v", counts, r.Totals)
		}
		if text := printedResult(t, r); !strings.Contains(text, ": another scenario ran: ") {
			t.Errorf("got %s", text)
		}
	}
}

// TestShifted: that every time is another one is said first.
func TestShifted(t *testing.T) {
	r := Result{Signals: []otlp.Signal{otlp.SignalTraces}}
	r.Items[otlp.SignalTraces] = [2]uint64{5, 5}
	r.Groups = []Group{{Kind: Changed, Path: "start_time_unix_nano", Count: 3}, {Kind: Changed, Path: "start_time_unix_nano", Scenario: "b", Count: 2}}
	if !r.shifted() {
		t.Error("all have moved")
	}
	if r.Groups[1].Count = 1; r.shifted() {
		t.Error("one has not moved")
	}
}
