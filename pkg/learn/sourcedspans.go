package learn

import (
	"maps"
	"math"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/learn/privacy"
	"github.com/otelsim/otelsim/pkg/profile"
)

// giver is the spans of a service of one name and kind, or of several names, which may give values
// to metrics.
type giver struct {
	parts      []*giver // those of each name that is written, of several; else nil
	was, name  string   // of the capture, and as it is written
	kind       uint8
	alone      bool // no others of the service are written with that name
	spans      float64
	lasted     float64 // ns, all together
	traces     uint64
	attributes map[string]*given
}

// given is an attribute of such spans.
type given struct {
	present, sum float64
	numbers      bool // all values are
	written      bool
	texts        int64 // how many values there may be where they are written, at most
	traces       uint64
	values       map[uint64]float64 // how often, by Value.Hash
	few          bool               // those are all of them
}

// giversOf returns the spans of a service that are written.
func (w *writer) giversOf(service string) []*giver {
	if w.giving == nil {
		w.giving = make(map[string][]*giver)
	}
	if _, ok := w.giving[service]; !ok {
		w.giving[service] = w.givers(service)
	}
	return w.giving[service]
}

// nameKind is what spans of a giver have alike.
type nameKind struct {
	name string
	kind uint8
}

// is reports whether spans of a class are of a giver.
func (x *giver) is(c *profile.Class) bool {
	if x.parts == nil {
		return c.Kind == x.kind && c.Name == x.was
	}
	return slices.ContainsFunc(x.parts, func(p *giver) bool { return p.is(c) })
}

// givers finds the spans of a service that are written.
func (w *writer) givers(service string) (out []*giver) {
	written := make(map[nameKind]*giver)
	kinds := make(map[string]int)
	for _, at := range w.g.order {
		c := at.classes[0]
		if c.Service != service || !w.reached[at] || w.senders[at] != nil || w.queues[at] != nil {
			continue
		}
		if k := (nameKind{c.Name, c.Kind}); written[k] == nil {
			written[k] = &giver{was: c.Name, name: w.spanName(c), kind: c.Kind, attributes: make(map[string]*given)}
			kinds[written[k].name]++
			out = append(out, written[k])
		}
	}
	classes := w.whole.Classes
	for _, id := range slices.Sorted(maps.Keys(classes)) { // sums of fractions have an order
		if c := classes[id]; c.Service == service && written[nameKind{c.Name, c.Kind}] != nil {
			kept := w.g.byID[id]
			written[nameKind{c.Name, c.Kind}].add(w, c, kept != nil && w.reached[kept.path])
		}
	}
	for _, x := range out {
		x.alone = kinds[x.name] == 1
	}
	return out
}

// add counts the spans of a class, which is written or not.
func (x *giver) add(w *writer, c *profile.Class, reached bool) {
	x.spans += float64(c.Spans)
	x.lasted += float64(c.Duration.Mean() * float64(c.Duration.Count()))
	x.traces = max(x.traces, c.Traces)
	for _, key := range slices.Sorted(maps.Keys(c.Attributes)) {
		a := c.Attributes[key]
		g := x.attributes[key]
		if g == nil {
			g = &given{values: make(map[uint64]float64), few: true, numbers: true}
			x.attributes[key] = g
		}
		g.present += float64(a.Present)
		g.traces = max(g.traces, a.Traces)
		if g.numbers = g.numbers && a.Numbers != nil && a.Numbers.Count() == a.Present; g.numbers {
			g.sum += float64(a.Numbers.Mean() * float64(a.Present))
		}
		if reached && w.policy.Enough(a.Traces) {
			g.write(w.policy.Values(key, a, 0))
		}
		g.few = g.few && a.Values.All()
		for _, v := range a.Values.Kept() {
			g.values[v.Hash()] += float64(v.Count)
		}
	}
}

// write notes what is written of values.
func (g *given) write(s privacy.Spec) {
	switch {
	case s.How == privacy.Numbers && s.Kind != otlp.KindInt:
		g.texts = math.MaxInt32
	case s.How == privacy.Numbers:
		g.texts = max(g.texts, int64(len(s.At)))
	case s.How == privacy.Constant || s.How == privacy.Categorical || s.How == privacy.Pattern:
		g.texts = max(g.texts, textsOf(&s))
	default:
		return
	}
	g.written = true
}
