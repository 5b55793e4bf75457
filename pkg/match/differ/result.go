package differ

import (
	"cmp"
	"slices"

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
	r.finish()
	return &r
}

// finish brings the groups into the order in which they are told.
func (r *Result) finish() {
	slices.SortFunc(r.Groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(a.Signal, b.Signal), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Kind, b.Kind),
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
