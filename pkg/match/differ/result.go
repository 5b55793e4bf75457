package differ

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
)

// Result returns what was judged; s is what match.Diff returned.
func (d *Differ) Result(s *match.Summary) *Result {
	r := d.result
	r.A, r.B, r.Signals, r.Scenarios = d.o.A.Name, d.o.B.Name, d.o.Signals, scenarios(d.o.A, d.o.B)
	for _, sig := range r.Signals {
		r.Items[sig] = [2]uint64{s.Sent[sig], s.Received[sig]}
	}
	r.Notes = slices.Clone(s.Notes)
	if d.renamed {
		r.Notes = append(r.Notes, "segments of the two have other sizes: the number of a segment in service.instance.id was not compared")
	}
	if n := r.Count(OnlyA); n > 0 && n == total(s.Sent) && r.Count(OnlyB) == total(s.Received) && r.Count(OnlyB) > 0 {
		r.Notes = append(r.Notes, "nothing is in common: ids or times are others, as in what a replay has sent, of which otelsim-replay check knows more")
	}
	if r.shifted() {
		r.Notes = append(r.Notes, "every span has another time, as in what a replay has sent: otelsim-replay check undoes that, and --time original of replay leaves times")
	}
	r.finish()
	return &r
}

// shifted reports whether both sides have the same spans, all at other times.
func (r *Result) shifted() bool {
	spans := r.Items[otlp.SignalTraces]
	n := uint64(0)
	for i := range r.Groups {
		if g := &r.Groups[i]; g.Signal == otlp.SignalTraces && g.Kind == Changed && g.Path == "start_time_unix_nano" {
			n += g.Count
		}
	}
	return n > 0 && n == spans[0] && n == spans[1]
}

func total(items [otlp.NumSignals]uint64) (n uint64) {
	for _, k := range items {
		n += k
	}
	return n
}

// Set sets the seed and the signals, by the manifests of the sides, which are nil
// for files of which there is none. Notes say what cannot be compared.
func (o *Options) Set(a, b *corpus.Manifest) (notes []string) {
	metrics := true
	switch {
	case a != nil && b != nil:
		o.Seed = &a.Seed
		if !sameSegments(&a.Options, &b.Options) {
			metrics = false
			notes = append(notes, fmt.Sprintf("metrics were not compared: they depend on the iterations of a segment, %d and %d",
				a.Options.SegmentIterations, b.Options.SegmentIterations))
		} else if n := min(a.Options.Count, b.Options.Count); a.Options.Count != b.Options.Count && n%a.Options.SegmentIterations != 0 {
			notes = append(notes, fmt.Sprintf("segment %d has more iterations in one of them, and so other metrics", n/a.Options.SegmentIterations))
		}
	case a != nil:
		o.Seed = &a.Seed
	case b != nil:
		o.Seed = &b.Seed
	}
	for sig := range otlp.Signal(otlp.NumSignals) {
		if (sig != otlp.SignalMetrics || metrics) && (a == nil || b == nil || a.Options.Has(sig) || b.Options.Has(sig)) {
			o.Signals = append(o.Signals, sig)
		}
	}
	return notes
}

// sameSegments reports whether two runs are cut into segments alike, as far as
// both go.
func sameSegments(a, b *corpus.Options) bool {
	return a.SegmentIterations == b.SegmentIterations || a.Count == b.Count && a.Segments() == 1 && b.Segments() == 1
}

// finish brings the groups into the order in which they are told: times last, since
// they follow from what else there is.
func (r *Result) finish() {
	times := func(g *Group) int {
		if isTime(g.Path) {
			return 1
		}
		return 0
	}
	slices.SortFunc(r.Groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(a.Signal, b.Signal), cmp.Compare(times(&a), times(&b)), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Kind, b.Kind),
			cmp.Compare(a.Scenario, b.Scenario), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Path, b.Path))
	})
}

// Count returns the number of items that differ in a way.
func (r *Result) Count(k Kind) (n uint64) {
	for sig := range r.Totals {
		n += r.Totals[sig][k]
	}
	return n
}

// Equal reports whether nothing differs of what was compared. Headers may: the
// same items can be written in several ways. Where only manifests were, all that
// they say counts.
func (r *Result) Equal() bool {
	return r.Count(Changed)+r.Count(OnlyA)+r.Count(OnlyB) == 0 && (!r.Unread || len(r.Headers) == 0)
}
