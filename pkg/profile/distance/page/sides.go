package page

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/internal/chart"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/distance"
)

// pair is a number of each side, with bars.
type pair struct {
	Name           string
	A, B           string
	WidthA, WidthB string // percent of the greatest
}

// pairing is a pair in the making.
type pairing struct {
	name   string
	a, b   float64
	sa, sb string
}

// maxPairs is how many pairs a list has.
const maxPairs = 15

// pairs returns those with most, with bars by the greatest.
func pairs(all []pairing) (out []pair) {
	slices.SortFunc(all, func(x, y pairing) int {
		return cmp.Or(cmp.Compare(y.a+y.b, x.a+x.b), cmp.Compare(x.name, y.name))
	})
	all = all[:min(len(all), maxPairs)]
	most := 0.0
	for i := range all {
		most = max(most, all[i].a, all[i].b)
	}
	for i := range all {
		p := &all[i]
		out = append(out, pair{p.name, p.sa, p.sb, fmt.Sprintf("%.2f", 100*p.a/most), fmt.Sprintf("%.2f", 100*p.b/most)})
	}
	return out
}

// shapes returns the most frequent shapes with their shares of traces.
func shapes(a, b *profile.Profile) []pair {
	at := make(map[uint64]*pairing)
	for i, p := range []*profile.Profile{a, b} {
		for h, s := range p.Shapes {
			x := at[h]
			if x == nil {
				x = &pairing{name: s.Text, sa: "none", sb: "none"}
				at[h] = x
			}
			share, said := float64(s.Traces)/float64(max(p.Traces.Count, 1)), chart.Percent(s.Traces, p.Traces.Count)
			if i == 0 {
				x.a, x.sa = share, said
			} else {
				x.b, x.sb = share, said
			}
		}
	}
	all := make([]pairing, 0, len(at))
	for _, x := range at {
		all = append(all, *x)
	}
	return pairs(all)
}

// both is an operation on both sides; nil where one has none.
type both struct {
	name   string
	a, b   *distance.Operation
	weight float64
}

// operations returns the operations of both sides, those of most spans first.
func operations(a, b *profile.Profile) (all []both) {
	at := make(map[string]*both)
	for i, p := range []*profile.Profile{a, b} {
		list := distance.Operations(p)
		spans := uint64(0)
		for _, o := range list {
			spans += o.Spans
		}
		for _, o := range list {
			x := at[o.Name]
			if x == nil {
				x = &both{name: o.Name}
				at[o.Name] = x
			}
			if i == 0 {
				x.a = o
			} else {
				x.b = o
			}
			x.weight += float64(o.Spans) / float64(spans)
		}
	}
	for _, x := range at {
		all = append(all, *x)
	}
	slices.SortFunc(all, func(x, y both) int { return cmp.Or(cmp.Compare(y.weight, x.weight), cmp.Compare(x.name, y.name)) })
	return all
}

// failures returns the operations that fail most often, with their rates of errors.
func failures(ops []both) []pair {
	var all []pairing
	for _, o := range ops {
		x := pairing{name: o.name, sa: "none", sb: "none"}
		if o.a != nil {
			x.a, x.sa = float64(o.a.Failed)/float64(o.a.Spans), chart.Percent(o.a.Failed, o.a.Spans)
		}
		if o.b != nil {
			x.b, x.sb = float64(o.b.Failed)/float64(o.b.Spans), chart.Percent(o.b.Failed, o.b.Spans)
		}
		if x.a+x.b > 0 {
			all = append(all, x)
		}
	}
	return pairs(all)
}

// key is how many values a key has on each side.
type key struct {
	Name, A, B string
	Apart      bool
}

// maxKeys is how many keys are shown.
const maxKeys = 40

// keys returns the keys with most values.
func keys(a, b *profile.Profile) (all []key) {
	type counts struct{ a, b uint64 }
	at := make(map[string]*counts)
	for i, p := range []*profile.Profile{a, b} {
		for name, k := range p.Keys {
			x := at[name]
			if x == nil {
				x = new(counts)
				at[name] = x
			}
			if i == 0 {
				x.a = k.Values.Distinct()
			} else {
				x.b = k.Values.Distinct()
			}
		}
	}
	names := make([]string, 0, len(at))
	for name := range at {
		names = append(names, name)
	}
	slices.SortFunc(names, func(x, y string) int {
		return cmp.Or(cmp.Compare(max(at[y].a, at[y].b), max(at[x].a, at[x].b)), cmp.Compare(x, y))
	})
	for _, name := range names[:min(len(names), maxKeys)] {
		x := at[name]
		all = append(all, key{name, text.Grouped(x.a), text.Grouped(x.b), 10*min(x.a, x.b) < 9*max(x.a, x.b)})
	}
	return all
}
