package learn

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Bounds of spans of several names that give values to one metric.
const (
	mostJoint = 300 // of a service
	mostParts = 200 // names that are written
)

// jointOf returns spans of several names of a service that are of one kind and have something
// alike: a value that all of them have, as those of each model have the same operation, or a key.
func (w *writer) jointOf(service string) []*giver {
	if w.joint == nil {
		w.joint = make(map[string][]*giver)
	}
	if _, ok := w.joint[service]; !ok {
		w.joint[service] = w.joinAll(service)
	}
	return w.joint[service]
}

func (w *writer) joinAll(service string) (out []*giver) {
	type alike struct {
		kind uint8
		key  string // "": of that kind
		hash uint64 // of the value; 0: any
	}
	with := make(map[alike][]*giver)
	for _, x := range append(slices.Clone(w.giversOf(service)), w.unwritten(service)...) {
		with[alike{x.kind, "", 0}] = append(with[alike{x.kind, "", 0}], x)
		for key, g := range x.attributes { // order-free: each key by itself
			if g.present < x.spans {
				continue
			}
			with[alike{x.kind, key, 0}] = append(with[alike{x.kind, key, 0}], x)
			for h := range g.values { // order-free: there is one
				if g.few && len(g.values) == 1 {
					with[alike{x.kind, key, h}] = append(with[alike{x.kind, key, h}], x)
				}
			}
		}
	}
	order := slices.SortedFunc(maps.Keys(with), func(a, b alike) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), strings.Compare(a.key, b.key), cmp.Compare(a.hash, b.hash))
	})
	seen := make(map[string]bool)
	for _, by := range order {
		members := with[by]
		var names strings.Builder
		for _, x := range members {
			names.WriteString(x.was + "\x00")
		}
		if len(members) < 2 || seen[names.String()] || len(out) == mostJoint {
			continue
		}
		seen[names.String()] = true
		if x := join(members); 0 < len(x.parts) && len(x.parts) <= mostParts {
			out = append(out, x)
		}
	}
	return out
}

// unwritten returns the spans of a service of names that are not written: they have given metrics
// values, too. Those of messages, which have metrics of their own, are left out.
func (w *writer) unwritten(service string) (out []*giver) {
	others := make(map[nameKind]*giver)
	for _, x := range w.giversOf(service) {
		others[nameKind{x.was, x.kind}] = nil
	}
	for _, id := range slices.Sorted(maps.Keys(w.whole.Classes)) {
		c := w.whole.Classes[id]
		if c.Service != service {
			continue
		}
		if kept := w.g.byID[id]; kept != nil && (w.senders[kept.path] != nil || w.queues[kept.path] != nil) {
			continue
		}
		of := nameKind{c.Name, c.Kind}
		x, known := others[of]
		if !known {
			x = &giver{was: c.Name, kind: c.Kind, attributes: make(map[string]*given)}
			others[of] = x
			out = append(out, x)
		}
		if x != nil {
			x.add(w, c, false)
		}
	}
	return out
}

// join adds up spans of several names.
func join(members []*giver) *giver {
	out := &giver{kind: members[0].kind, alone: true, attributes: make(map[string]*given)}
	for _, x := range members {
		if x.name != "" {
			out.parts = append(out.parts, x)
		}
		out.spans += x.spans
		out.lasted += x.lasted
		out.traces = max(out.traces, x.traces)
		for _, key := range slices.Sorted(maps.Keys(x.attributes)) {
			g := out.attributes[key]
			if g == nil {
				g = &given{values: make(map[uint64]float64), few: true, numbers: true}
				out.attributes[key] = g
			}
			g.merge(x.attributes[key])
		}
	}
	return out
}

// merge adds up an attribute of spans of two names.
func (g *given) merge(o *given) {
	g.present += o.present
	g.sum += o.sum
	g.numbers = g.numbers && o.numbers
	g.written = g.written || o.written
	g.texts += o.texts
	g.traces = max(g.traces, o.traces)
	g.few = g.few && o.few
	for h, n := range o.values { // order-free: each value by itself
		g.values[h] += n
	}
	if g.few { // spans of several names have the same ones
		g.texts = min(g.texts, int64(len(g.values)))
	}
}

// series is how many series dimensions of spans make, at most; more than are accepted are one more.
func (x *giver) series(dimensions []string) int64 {
	n := int64(1)
	if x.parts != nil {
		for _, p := range x.parts {
			n = min(n+p.series(dimensions), mostSeries+1)
		}
		return n
	}
	for _, key := range dimensions {
		if g := x.attributes[key]; g != nil {
			n = atMost(n, max(g.texts, 1))
		}
	}
	return n
}

// atMost multiplies numbers of series; more than are accepted are one more.
func atMost(a, b int64) int64 { return min(min(a, mostSeries+1)*min(b, mostSeries+1), mostSeries+1) }
