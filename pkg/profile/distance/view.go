package distance

import (
	"fmt"
	"maps"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// view is a profile as measures read it: by operation, with names instead of hashes.
type view struct {
	p      *profile.Profile
	ops    map[string]*Operation
	names  []string // of ops, sorted
	of     map[profile.ClassID]string
	owners map[ownerKind][]owner // worked out once, by what carries attributes
}

// Operation is all spans of a service, name and kind.
type Operation struct {
	Name   string // such as `shop: GET / (server)`
	Spans  uint64
	Failed uint64

	Duration *sketch.Numbers // ns
	own      *sketch.Numbers
	caused   uint64
	roots    uint64
	linked   uint64
	outcomes map[string]uint64 // of failures
	classes  []*profile.Class
}

// newView merges classes to operations.
func newView(p *profile.Profile) *view {
	v := &view{p: p, ops: make(map[string]*Operation), of: make(map[profile.ClassID]string), owners: make(map[ownerKind][]owner)}
	for _, id := range slices.Sorted(maps.Keys(p.Classes)) {
		c := p.Classes[id]
		name := operationName(c)
		v.of[id] = name
		o := v.ops[name]
		if o == nil {
			o = &Operation{Name: name, Duration: new(sketch.Numbers), own: new(sketch.Numbers), outcomes: make(map[string]uint64)}
			v.ops[name] = o
			v.names = append(v.names, name)
		}
		o.Spans += c.Spans
		o.roots += c.Roots
		o.linked += c.Linked
		o.Duration.Merge(c.Duration)
		o.own.Merge(c.Own)
		o.classes = append(o.classes, c)
		if c.Outcome != "" {
			o.Failed += c.Spans
			o.caused += c.Caused
			o.outcomes[c.Outcome] += c.Spans
		}
	}
	slices.Sort(v.names)
	return v
}

func operationName(c *profile.Class) string {
	return fmt.Sprintf("%s: %s (%s)", c.Service, c.Name, otlp.SpanKindName(c.Kind))
}

// Operations returns the operations of a profile, by name.
func Operations(p *profile.Profile) (all []*Operation) {
	v := newView(p)
	for _, name := range v.names {
		all = append(all, v.ops[name])
	}
	return all
}

// each calls visit with each operation of either side; nil for the side that has none.
func each(x, y *view, visit func(name string, a, b *Operation)) {
	for _, name := range union(x.names, y.names) {
		visit(name, x.ops[name], y.ops[name])
	}
}

// union returns the names of both lists, sorted.
func union(x, y []string) []string {
	all := slices.Concat(x, y)
	slices.Sort(all)
	return slices.Compact(all)
}

// keysOf returns the keys of both maps, sorted.
func keysOf[V any](x, y map[string]V) []string {
	return union(slices.Collect(maps.Keys(x)), slices.Collect(maps.Keys(y)))
}

// byOperation makes a part of each operation that both sides have; what only one has is 1.
func byOperation(x, y *view, compare func(name string, a, b *Operation) part) (ps parts) {
	each(x, y, func(name string, a, b *Operation) {
		switch {
		case a == nil:
			ps = append(ps, part{what: name, value: 1, b: float64(b.Spans)})
		case b == nil:
			ps = append(ps, part{what: name, value: 1, a: float64(a.Spans)})
		default:
			p := compare(name, a, b)
			p.a, p.b = float64(a.Spans), float64(b.Spans)
			ps = append(ps, p)
		}
	})
	return ps
}
