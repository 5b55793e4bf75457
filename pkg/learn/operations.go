package learn

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// operation is a path that is written as an operation of its service.
type operation struct {
	path     *path
	service  *service
	key      string // what calls name it, within the service
	name     string // of its span
	kind     uint8
	variants []*variant
}

// service is a service with its operations, by spans.
type service struct {
	name       string // as it is written
	was        string // in the capture
	operations []*operation
	keys       map[string]bool
}

// variant is what an operation does in one of several ways: with one outcome, and of
// plans whose own times are alike.
type variant struct {
	name  string
	class *class
	plans []*plan
	spans uint64
	lasts lasts
	on    *hanging        // it is gone with some words of that only; nil: with any
	words map[string]bool // these

	numbers map[string]*sketch.Numbers // of attributes, where they are others than those of the class
}

// ofClass returns the variants in which spans of a class go.
func (o *operation) ofClass(c *class) (out []*variant) {
	for _, v := range o.variants {
		if v.class == c {
			out = append(out, v)
		}
	}
	return out
}

// variantsOf groups the plans of a class by their own times.
func variantsOf(c *class) (out []*variant) {
	plans := c.plans
	if c.said != nil {
		plans = c.said
	}
	for _, p := range plans {
		at := slices.IndexFunc(out, func(v *variant) bool { return alike(v.plans[0].lasts.own, p.lasts.own) })
		if at < 0 {
			at = len(out)
			out = append(out, &variant{class: c, lasts: newLasts()})
		}
		v := out[at]
		v.plans = append(v.plans, p)
		v.spans += p.spans
		v.lasts.merge(&p.lasts)
	}
	return out
}

// mostApart is how far two distributions may be that are written as one, and more where
// there are too few numbers to tell.
const mostApart = 0.1

func alike(a, b *sketch.Numbers) bool {
	if a.Count() == 0 || b.Count() == 0 {
		return true
	}
	apart := sketch.KS(a, b)
	return apart <= mostApart || mayBeAlike(apart, a, b)
}

// mayBeAlike reports whether distributions of as many numbers as these may be so far apart by chance
// alone.
func mayBeAlike(apart float64, a, b *sketch.Numbers) bool {
	n, m := float64(max(a.Count(), 1)), float64(max(b.Count(), 1))
	return float64(apart*apart) <= float64(2.2*(n+m)/float64(n*m)) // 1.48 squared: one in forty of equal ones is farther apart
}

// maxInline is how many spans may stand within an operation at a place, and maxNested how
// deep, before they become an operation of their own.
const (
	maxInline = 12
	maxNested = 5
)

// operations decides which paths are operations, and what they and their variants are
// called.
func (w *writer) findOperations() {
	w.cut()
	w.findLasting()
	w.findRetries()
	w.countCallers()
	for _, at := range w.g.order {
		if !w.reached[at] {
			continue
		}
		c := at.classes[0]
		if w.senders[at] != nil {
			continue
		}
		if !c.entry() && at.roots == 0 && w.inlined(at) {
			continue
		}
		s := w.serviceOf(c.Service)
		op := &operation{path: at, service: s, name: w.spanName(c), kind: c.Kind}
		op.key = s.free(op.name, otlp.SpanKindName(c.Kind))
		s.operations = append(s.operations, op)
		w.operations[at] = op
		for _, c := range at.classes {
			op.variants = append(op.variants, w.variantsOf(c)...)
		}
		w.nameVariants(op)
	}
}

func (w *writer) serviceOf(name string) *service {
	now := w.serviceName(name)
	for _, s := range w.services {
		if s.name == now {
			return s
		}
	}
	s := &service{was: name, name: now, keys: make(map[string]bool)}
	w.services = append(w.services, s)
	return s
}

// free returns a key for a name that no other operation has.
func (s *service) free(name, kind string) string {
	name = cmp.Or(strings.Join(strings.Fields(name), " "), "unnamed")
	key := name
	for n := 2; s.keys[key]; n++ {
		key = name + " (" + kind + ")"
		if n > 2 {
			key = name + " (" + kind + " " + strconv.Itoa(n-1) + ")"
		}
	}
	s.keys[key] = true
	return key
}

// serviceName returns what a service is called in what is written. Those that may not be
// named are numbered.
func (w *writer) serviceName(was string) string {
	if now, ok := w.names[was]; ok {
		return now
	}
	traces := uint64(0)
	for _, at := range w.g.order {
		if c := at.classes[0]; c.Service == was {
			traces = max(traces, c.Traces)
		}
	}
	now, ok := w.policy.Name(was, traces)
	if now = strings.Join(strings.Fields(now), " "); !ok || now == "" {
		now = "service-" + strconv.Itoa(len(w.names)+1)
	}
	w.names[was] = now
	return now
}

// spanName returns what a span is called in what is written.
func (w *writer) spanName(c *class) string {
	name, ok := w.policy.Name(c.Name, c.Traces)
	if name = strings.Join(strings.Fields(name), " "); !ok || name == "" {
		return otlp.SpanKindName(c.Kind) + " span"
	}
	return name
}

// outcome returns what spans of a class failed with.
func (w *writer) outcome(c *class) string {
	name, ok := w.policy.Outcome(c.Outcome, c.Traces)
	if !ok || name == "" {
		return "error"
	}
	return name
}

// cut takes away what would make an operation call itself, and notes what requests come to.
func (w *writer) cut() {
	const open, done = 1, 2
	state := make(map[*path]int)
	var visit func(at *path)
	visit = func(at *path) {
		state[at] = open
		w.reached[at] = true
		if s := w.senders[at]; s != nil {
			for _, to := range s.to {
				if state[to] == open { // messages that come to send messages to themselves
					w.forget(w.queues[to])
				} else if state[to] != done {
					visit(to)
				}
			}
		}
		for _, c := range at.classes {
			for _, p := range c.plans {
				for i := range p.groups {
					p.groups[i] = slices.DeleteFunc(p.groups[i], func(r run) bool {
						if state[r.class.path] == open || w.level == Levels-1 {
							w.g.left.cutSpans += p.spans
							return true
						}
						if state[r.class.path] != done {
							visit(r.class.path)
						}
						return false
					})
				}
				p.groups = slices.DeleteFunc(p.groups, func(runs []run) bool { return len(runs) == 0 })
			}
		}
		state[at] = done
	}
	for _, at := range w.g.order {
		if at.roots > 0 && state[at] == 0 {
			visit(at)
		}
	}
}

// prune takes away operations that nothing comes to from what sessions ask for: those below
// what begins traces in orders that too few sessions have.
func (w *writer) prune() {
	clear(w.reached)
	clear(w.joint)
	clear(w.giving) // by what was reached before
	var visit func(at *path)
	visit = func(at *path) {
		if w.reached[at] {
			return
		}
		w.reached[at] = true
		if s := w.senders[at]; s != nil {
			for _, to := range s.to {
				visit(to)
			}
		}
		for r := range at.runs() {
			visit(r.class.path)
		}
	}
	for _, at := range w.g.order {
		if w.asked[at] {
			visit(at)
		}
	}
	for _, s := range w.services {
		s.operations = slices.DeleteFunc(s.operations, func(op *operation) bool {
			if w.reached[op.path] {
				return false
			}
			delete(w.operations, op.path)
			return true
		})
	}
	w.services = slices.DeleteFunc(w.services, func(s *service) bool { return len(s.operations) == 0 })
}

func (w *writer) countCallers() {
	for _, at := range w.g.order {
		if !w.reached[at] {
			continue
		}
		for r := range at.runs() {
			r.class.path.callers++
		}
	}
}

// inlined reports whether a path of spans within a service stands where it is called:
// where that is once, or where it is small.
func (w *writer) inlined(at *path) bool {
	n, depth := w.extent(at)
	if at.retried {
		return false
	}
	if w.level > 0 && at.callers > 1 { // a file that is too large says everything once
		return false
	}
	return depth <= maxNested && (n <= maxInline || at.callers == 1 && n <= 4*maxInline) && (n <= 2 || at.callers <= 4)
}

// extent is how many spans a path writes where it is inlined, with those within it, and
// how deep they stand.
func (w *writer) extent(at *path) (n, depth int) {
	if x, ok := w.extents[at]; ok {
		return x[0], x[1]
	}
	for _, c := range at.classes {
		for _, p := range c.plans {
			n++
			for _, r := range p.flat() {
				if r.class.entry() {
					continue
				}
				if k, d := w.extent(r.class.path); w.inlined(r.class.path) {
					n, depth = n+k, max(depth, d)
				}
			}
		}
	}
	w.extents[at] = [2]int{n, depth + 1}
	return n, depth + 1
}

// nameVariants names the variants of an operation by their outcome, and those of the same
// outcome by what they do that the first of them does not.
func (w *writer) nameVariants(op *operation) {
	taken := make(map[string]bool)
	first := make(map[*class]*variant)
	for _, v := range op.variants {
		name := "ok"
		if v.class.failed() {
			name = w.outcome(v.class)
		}
		if f := first[v.class]; f == nil {
			first[v.class] = v
		} else if more := w.differs(f.plans[0], v.plans[0]); more != "" {
			name += ", " + more
		}
		v.name = name
		for n := 2; taken[v.name]; n++ {
			v.name = fmt.Sprintf("%s %d", name, n)
		}
		taken[v.name] = true
	}
}

// differs says what one plan has that another has not.
func (w *writer) differs(a, b *plan) string {
	if r, ok := lacks(a, b); ok {
		return "with " + w.nameOf(r.class)
	}
	if r, ok := lacks(b, a); ok {
		return "without " + w.nameOf(r.class)
	}
	return ""
}

// lacks returns the first run of b of which a has none.
func lacks(a, b *plan) (run, bool) {
	for _, r := range b.flat() {
		if !slices.ContainsFunc(a.flat(), func(x run) bool { return x.class.path == r.class.path }) {
			return r, true
		}
	}
	for _, r := range b.flat() {
		if !slices.ContainsFunc(a.flat(), func(x run) bool { return x.class == r.class }) {
			return r, true
		}
	}
	return run{}, false
}

func (w *writer) nameOf(c *class) string {
	name := w.spanName(c)
	if c.failed() {
		name += " failed"
	}
	return name
}
