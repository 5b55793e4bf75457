package distance

import (
	"maps"
	"math"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// ownerKind is a sort of things with attributes.
type ownerKind int

const (
	onSpans ownerKind = iota
	onEvents
	onResources
	onMetrics
	onLogs
	ownerKinds
)

// owner is all things of one name with attributes.
type owner struct {
	name       string
	n          uint64
	attributes map[string]*profile.Attribute
	mine       map[string]bool // keys whose attribute is merged here: it may be changed
}

// owned is a key of an owner.
type owned struct {
	kind      ownerKind
	name, key string
}

// comparison is what is decided by both sides, and holds for the baseline too.
type comparison struct{ byForm, free map[owned]bool }

func newComparison(x, y *view) *comparison {
	c := &comparison{byForm: make(map[owned]bool), free: make(map[owned]bool)}
	for kind := range ownerKinds {
		for _, v := range []*view{x, y} {
			for _, o := range v.ownersOf(kind) {
				for key, a := range o.attributes {
					switch id := (owned{kind, o.name, key}); {
					case isFree(key, a):
						c.free[id] = true
					case !categorical(a.Values):
						c.byForm[id] = true
					}
				}
			}
		}
	}
	return c
}

// ownersOf returns the owners of a kind, by name.
func (v *view) ownersOf(kind ownerKind) []owner {
	if all, ok := v.owners[kind]; ok {
		return all
	}
	at := make(map[string]*owner)
	add := func(name string, n uint64, attributes map[string]*profile.Attribute) {
		o := at[name]
		if o == nil {
			o = &owner{name: name, attributes: make(map[string]*profile.Attribute), mine: make(map[string]bool)}
			at[name] = o
		}
		o.n += n
		for key, a := range attributes {
			o.add(key, a)
		}
	}
	v.eachOwner(kind, add)
	all := make([]owner, 0, len(at))
	for _, name := range slices.Sorted(maps.Keys(at)) {
		all = append(all, *at[name])
	}
	v.owners[kind] = all
	return all
}

// eachOwner calls add with everything of a kind that has attributes.
func (v *view) eachOwner(kind ownerKind, add func(name string, n uint64, attributes map[string]*profile.Attribute)) {
	switch kind {
	case onSpans, onEvents:
		for _, name := range v.names {
			for _, c := range v.ops[name].classes {
				if kind == onSpans {
					add(name, c.Spans, c.Attributes)
					continue
				}
				for _, event := range slices.Sorted(maps.Keys(c.Events)) {
					add(name+", "+event, c.Events[event].Count, c.Events[event].Attributes)
				}
			}
		}
	case onResources:
		for name, s := range v.p.Services {
			add(name, s.Spans+s.Points+s.LogRecords, s.Attributes)
		}
	case onMetrics:
		for _, h := range slices.Sorted(maps.Keys(v.p.Metrics)) {
			m := v.p.Metrics[h]
			add(metricName(m), m.Points, m.Attributes)
		}
	case onLogs:
		for _, h := range slices.Sorted(maps.Keys(v.p.Logs)) {
			l := v.p.Logs[h]
			add(eventName(l), l.Records, l.Attributes)
		}
	}
}

// add merges an attribute into those of the owner. What is there once is not copied.
func (o *owner) add(key string, a *profile.Attribute) {
	was := o.attributes[key]
	if was == nil {
		o.attributes[key] = a
		return
	}
	if !o.mine[key] {
		o.mine[key] = true
		was = copyOf(was)
		o.attributes[key] = was
	}
	was.Present += a.Present
	was.Traces += a.Traces
	for i, n := range a.Kinds {
		was.Kinds[i] += n
	}
	was.Numbers.Merge(a.Numbers)
	was.Lengths.Merge(a.Lengths)
	switch {
	case a.Values == nil:
	case was.Values == nil:
		was.Values = a.Values.Clone()
	default:
		was.Values.Merge(a.Values)
	}
}

func copyOf(a *profile.Attribute) *profile.Attribute {
	b := &profile.Attribute{Present: a.Present, Traces: a.Traces, Kinds: a.Kinds, Numbers: new(sketch.Numbers), Lengths: new(sketch.Numbers)}
	b.Numbers.Merge(a.Numbers)
	b.Lengths.Merge(a.Lengths)
	if a.Values != nil {
		b.Values = a.Values.Clone()
	}
	return b
}

func isNumber(k otlp.Kind) bool { return k == otlp.KindInt || k == otlp.KindDouble }

// numeric reports whether most values are numbers.
func numeric(a *profile.Attribute) bool {
	return a != nil && 2*(a.Kinds[otlp.KindInt]+a.Kinds[otlp.KindDouble]) > a.Present
}

// eachKey calls visit with each key of each owner that either side has; an owner or an
// attribute that a side does not have is nil.
func eachKey(kind ownerKind, x, y *view, visit func(id owned, o, p *owner, a, b *profile.Attribute)) {
	side := func(v *view) map[string]*owner {
		all := make(map[string]*owner)
		list := v.ownersOf(kind)
		for i := range list {
			all[list[i].name] = &list[i]
		}
		return all
	}
	left, right := side(x), side(y)
	none := &owner{}
	for _, name := range keysOf(left, right) {
		o, p := left[name], right[name]
		if o == nil {
			o = none
		}
		if p == nil {
			p = none
		}
		for _, key := range keysOf(o.attributes, p.attributes) {
			visit(owned{kind, name, key}, o, p, o.attributes[key], p.attributes[key])
		}
	}
}

// what names a key of an owner for people.
func (id owned) what() string { return id.name + ", " + id.key }

// present returns on how many things an attribute is.
func present(a *profile.Attribute) float64 {
	if a == nil {
		return 0
	}
	return float64(a.Present)
}

func attributePresence(_ *comparison, x, y *view) found {
	var ps parts
	eachKey(onSpans, x, y, func(id owned, o, p *owner, a, b *profile.Attribute) {
		q := byShares(id.what(), [2]float64{present(a), present(b)}, [2]float64{float64(o.n), float64(p.n)})
		q.a, q.b = present(a), present(b)
		ps = append(ps, q)
	})
	return ps.mean()
}

// both makes a part of each key that both sides have; what only one has is 1. Those of which
// compare returns nothing are left out.
func both(kind ownerKind, x, y *view, compare func(id owned, a, b *profile.Attribute) (part, bool)) (ps parts) {
	return bothOf(kind, x, y, func(owned, *profile.Attribute, *profile.Attribute) bool { return true }, compare)
}

// bothOf is both for keys of a sort, which one that only a side has may not be.
func bothOf(kind ownerKind, x, y *view, of func(id owned, a, b *profile.Attribute) bool, compare func(id owned, a, b *profile.Attribute) (part, bool)) (ps parts) {
	eachKey(kind, x, y, func(id owned, _, _ *owner, a, b *profile.Attribute) {
		if !of(id, a, b) {
			return
		}
		q, ok := part{what: id.what(), value: 1}, true
		if a != nil && b != nil {
			q, ok = compare(id, a, b)
		}
		q.a, q.b = present(a), present(b)
		if ok {
			ps = append(ps, q)
		}
	})
	return ps
}

func attributeTypes(_ *comparison, x, y *view) found {
	kinds := func(a *profile.Attribute) map[string]uint64 {
		all := make(map[string]uint64)
		for k, n := range a.Kinds {
			if n > 0 {
				all[string(rune('a'+k))] += n
			}
		}
		return all
	}
	return both(onSpans, x, y, func(id owned, a, b *profile.Attribute) (part, bool) {
		return byCounts(id.what(), kinds(a), kinds(b)), true
	}).mean()
}

// values compares the values of attributes, their form, or what may be told of free text.
func values(c *comparison, kind ownerKind, x, y *view) found {
	m, n := float64(x.p.Traces.Count), float64(y.p.Traces.Count)
	sizes := m > 0 && n > 0 && max(m, n) <= comparable*min(m, n)
	return both(kind, x, y, func(id owned, a, b *profile.Attribute) (part, bool) {
		switch {
		case kind == onResources && slices.Contains(instanceKeys, id.key):
			return byRank(id.what(), a, b), a.Values.All() && b.Values.All()
		case c.free[id]:
			return byText(id.what(), a, b, sizes), true
		case !c.byForm[id]:
			return byValue(id.what(), a, b), a.Values.Count()+b.Values.Count() > 0
		case numeric(a) && numeric(b):
			return part{}, false
		}
		return byForm(id.what(), a, b, sizes), true
	}).mean()
}

func attributeTV(c *comparison, x, y *view) found       { return values(c, onSpans, x, y) }
func eventAttributeTV(c *comparison, x, y *view) found  { return values(c, onEvents, x, y) }
func resourceTV(c *comparison, x, y *view) found        { return values(c, onResources, x, y) }
func metricAttributeTV(c *comparison, x, y *view) found { return values(c, onMetrics, x, y) }
func logAttributeTV(c *comparison, x, y *view) found    { return values(c, onLogs, x, y) }

func attributeNumbers(_ *comparison, x, y *view) found {
	numbers := func(_ owned, a, b *profile.Attribute) bool {
		return (a == nil || numeric(a)) && (b == nil || numeric(b))
	}
	return bothOf(onSpans, x, y, numbers, func(id owned, a, b *profile.Attribute) (part, bool) {
		return byKS(id.what(), a.Numbers, b.Numbers), true
	}).mean()
}

// attributeCardinality compares how many values a key has, of all operations. Where one side
// has more traces, it is asked how many values so many of its traces have as the other has.
func attributeCardinality(_ *comparison, x, y *view) found {
	m, n := float64(x.p.Traces.Count), float64(y.p.Traces.Count)
	var ps parts
	for _, key := range keysOf(x.p.Keys, y.p.Keys) {
		a, b := x.p.Keys[key], y.p.Keys[key]
		q := part{what: key, value: 1}
		if a != nil {
			q.a = float64(a.Spans)
		}
		if b != nil {
			q.b = float64(b.Spans)
		}
		if a != nil && b != nil {
			q.value, q.chance = byNumber(a.Values, b.Values, n/m, m/n)
		}
		ps = append(ps, q)
	}
	return ps.mean()
}

// byNumber compares how many values there are, of a part of each side's traces. By chance
// that may differ by as much as the number of rare values varies.
func byNumber(x, y *sketch.Values, p, q float64) (value, chance float64) {
	a, b := distinct(x, p), distinct(y, q)
	chance = uncertain(float64(rare(x)*a)+float64(rare(y)*b), max(a, b))
	return relative(a, b), chance + float64(sigmas*math.Hypot(x.Error(), y.Error()))
}

// uncertain returns by which part of all a number varies of which some are there by chance.
func uncertain(some, all float64) float64 {
	if all == 0 {
		return 0
	}
	return float64(sigmas * math.Sqrt(some) / all)
}

// fewTraces is in how many traces a value may be on one side that the other happens not to
// have: once in 400 times.
const fewTraces = 6

// rare returns the share of values that are in few traces.
func rare(v *sketch.Values) float64 {
	kept := v.Kept()
	n := 0.0
	for _, x := range kept {
		if times(x) <= fewTraces {
			n++
		}
	}
	return n / float64(max(len(kept), 1))
}

// distinct returns how many values a part of the traces has, as those that are kept let
// expect: a value is left out when all of its traces are.
func distinct(v *sketch.Values, part float64) float64 {
	all := float64(v.Distinct())
	kept := v.Kept()
	if part >= 1 || len(kept) == 0 {
		return all
	}
	left := 0.0
	for _, x := range kept {
		left += 1 - math.Pow(1-part, float64(times(x)))
	}
	return float64(all * left / float64(len(kept)))
}

// attributeAlike compares in how many traces all spans with a key have the same value.
func attributeAlike(_ *comparison, x, y *view) found {
	return ofKeys(x, y, func(k *profile.Key) (some, all uint64) { return k.Alike, k.Traces })
}

func sessionAlike(_ *comparison, x, y *view) found {
	return ofKeys(x, y, func(k *profile.Key) (some, all uint64) { return k.SessionAlike, k.Sessions })
}

// ofKeys compares shares by key.
func ofKeys(x, y *view, of func(*profile.Key) (some, all uint64)) found {
	var ps parts
	for _, key := range keysOf(x.p.Keys, y.p.Keys) {
		a, b := x.p.Keys[key], y.p.Keys[key]
		if a == nil || b == nil {
			continue // attribute_presence tells
		}
		var some, all [2]float64
		for i, k := range []*profile.Key{a, b} {
			p, q := of(k)
			some[i], all[i] = float64(p), float64(q)
		}
		if all[0] > 0 && all[1] > 0 {
			ps = append(ps, byShares(key, some, all))
		}
	}
	return ps.mean()
}
