package stats

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// What keys of attributes are on.
const (
	OnSpan     = "span"
	OnEvent    = "event"
	OnResource = "resource"
	OnLog      = "log"
	OnPoint    = "point"
)

// Values of a key are told where there are at most maxValues, each on rare items or
// more: what is on fewer may tell of one person or one request.
const (
	maxValues = 10
	rare      = 10
)

// A key is of high cardinality from manyValues on, or from someValues where at least
// one in newEvery items has a value of its own.
const (
	manyValues = 1000
	someValues = 50
	newEvery   = 5
)

// attributes returns what each key is like on items of each sort.
func attributes(p *profile.Profile) []Attribute {
	all := []Attribute{}
	spans := p.Sizes[otlp.SignalTraces].Items
	for _, key := range slices.Sorted(maps.Keys(p.Keys)) {
		k := p.Keys[key]
		a := attribute(key, OnSpan, k.Spans, spans, k.Values)
		if k.Traces > 0 {
			a.SameInTrace = pointer(share(k.Alike, k.Traces))
		}
		if k.Sessions > 0 {
			a.SameInSession = pointer(share(k.SessionAlike, k.Sessions))
		}
		all = append(all, a)
	}
	events, resources, logs, points := newPool(OnEvent), newPool(OnResource), newPool(OnLog), newPool(OnPoint)
	for _, c := range classes(p) {
		for _, name := range slices.Sorted(maps.Keys(c.Events)) {
			events.add(c.Events[name].Count, c.Events[name].Attributes)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Services)) {
		s := p.Services[name]
		resources.add(s.Spans+s.Points+s.LogRecords, s.Attributes)
	}
	for _, id := range slices.Sorted(maps.Keys(p.Logs)) {
		logs.add(p.Logs[id].Records, p.Logs[id].Attributes)
	}
	for _, id := range slices.Sorted(maps.Keys(p.Metrics)) {
		points.add(p.Metrics[id].Points, p.Metrics[id].Attributes)
	}
	for _, x := range []*pool{events, resources, logs, points} {
		for _, key := range slices.Sorted(maps.Keys(x.keys)) {
			all = append(all, attribute(key, x.on, x.present[key], x.items, x.keys[key]))
		}
	}
	slices.SortStableFunc(all, func(a, b Attribute) int {
		return cmp.Or(cmp.Compare(b.Distinct, a.Distinct), cmp.Compare(a.Key, b.Key), cmp.Compare(a.On, b.On))
	})
	return all
}

func pointer[T any](v T) *T { return &v }

// pool adds up keys over what they are counted by.
type pool struct {
	on      string
	items   uint64
	present map[string]uint64
	keys    map[string]*sketch.Values
}

func newPool(on string) *pool {
	return &pool{on: on, present: make(map[string]uint64), keys: make(map[string]*sketch.Values)}
}

func (p *pool) add(items uint64, all map[string]*profile.Attribute) {
	p.items += items
	for key, a := range all { // order-free: sums
		p.present[key] += a.Present
		if p.keys[key] == nil {
			p.keys[key] = sketch.NewValuesOf(math.MaxInt32/2, 16) // its limits become those of what is merged
		}
		p.keys[key].Merge(a.Values)
	}
}

// attribute says what a key is like, from its values on some of all items.
func attribute(key, on string, some, all uint64, v *sketch.Values) Attribute {
	a := Attribute{Key: text.Clean(key), On: on, Items: some, Share: share(some, all), Distinct: v.Distinct(), Exact: v.All()}
	a.High = a.Distinct >= manyValues || a.Distinct >= someValues && a.Distinct*newEvery >= some
	kept := v.Kept()
	var counts [16]uint64
	told := a.Exact && len(kept) > 0 && len(kept) <= maxValues
	for _, x := range kept {
		k := x.Kind
		if k == otlp.KindText {
			k = otlp.KindString
		}
		counts[k&15] += x.Count
		told = told && x.Count >= rare && len(x.Text) < sketch.MaxText
	}
	a.Kinds = kinds(counts)
	for _, x := range kept {
		if told {
			a.Values = append(a.Values, Value{valueText(x), x.Count})
		}
	}
	return a
}

// kinds returns the names of kinds, the most frequent first.
func kinds(counts [16]uint64) []string {
	order := []otlp.Kind{}
	for k := range otlp.Kind(len(kindNames)) {
		if counts[k] > 0 && kindNames[k] != "" {
			order = append(order, k)
		}
	}
	slices.SortStableFunc(order, func(a, b otlp.Kind) int { return cmp.Compare(counts[b], counts[a]) })
	out := make([]string, 0, len(order))
	for _, k := range order {
		out = append(out, kindNames[k])
	}
	return out
}

// kindNames are by otlp.Kind. Texts are strings, wherever they are kept.
var kindNames = [...]string{otlp.KindString: "string", otlp.KindInt: "int", otlp.KindBool: "bool", otlp.KindDouble: "double",
	otlp.KindArray: "array", otlp.KindMap: "map", otlp.KindBytes: "bytes", otlp.KindEmpty: "empty"}

// valueText writes a value. What is no text of its own is written by its length.
func valueText(v *sketch.Value) string {
	switch v.Kind {
	case otlp.KindArray, otlp.KindMap, otlp.KindBytes:
		return kindNames[v.Kind] + " of " + strconv.Itoa(len(v.Text)) + " bytes"
	}
	return text.Clean(v.Text)
}
