package differ

import (
	"cmp"
	"encoding/hex"
	"slices"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/form"
)

const (
	maxExamples = 3
	// maxGroups bounds the ways to differ that are told apart: names of spans may
	// be made up by strangers.
	maxGroups = 10_000
	// maxCached bounds the pairs of resources and scopes whose differences are
	// remembered.
	maxCached = 10_000
)

// groupKey is what the items of a group have in common.
type groupKey struct {
	kind                 Kind
	signal               otlp.Signal
	scenario, name, path string
	whole                bool
}

// order is where an example stands among those of its group.
type order struct {
	origin ids.Origin
	trace  otlp.TraceID
	index  int
	key    string // of data points
}

func (a order) compare(b order) int {
	return cmp.Or(
		cmp.Compare(a.origin.Iteration, b.origin.Iteration), cmp.Compare(a.origin.Turn, b.origin.Turn), cmp.Compare(a.origin.Part, b.origin.Part),
		slices.Compare(a.trace[:], b.trace[:]), cmp.Compare(a.key, b.key), cmp.Compare(a.index, b.index))
}

// segment judges the units that one goroutine is given.
type segment struct {
	d       *Differ
	totals  [otlp.NumSignals][numKinds]uint64
	groups  []Group
	index   map[groupKey]int
	parts   map[partKey][]change // of resources, scopes and metrics
	renamed bool                 // an instance of a service has another number, of its segment
}

// partKey names two parts of items, which their digests tell apart.
type partKey struct {
	what form.Message
	a, b uint64
}

// Begin implements match.Judge.
func (d *Differ) Begin(uint64) match.SegmentJudge {
	return &segment{d: d, index: make(map[groupKey]int), parts: make(map[partKey][]change)}
}

// End implements match.Judge.
func (d *Differ) End(_ uint64, j match.SegmentJudge) error {
	s := j.(*segment)
	for sig := range s.totals {
		for kind, n := range s.totals[sig] {
			d.result.Totals[sig][kind] += n
		}
	}
	d.renamed = d.renamed || s.renamed
	for i := range s.groups {
		from := &s.groups[i]
		to := groupOf(&d.result.Groups, d.index, from.key())
		to.Count += from.Count
		to.Units += from.Units
		for _, e := range from.Examples {
			to.keep(e)
		}
	}
	return nil
}

func (g *Group) key() groupKey {
	return groupKey{g.Kind, g.Signal, g.Scenario, g.Name, g.Path, g.Whole}
}

// groupOf returns the group of a key: beyond maxGroups, that of all else.
func groupOf(groups *[]Group, index map[groupKey]int, k groupKey) *Group {
	i, ok := index[k]
	if !ok && len(*groups) >= maxGroups {
		k = groupKey{kind: k.kind, signal: k.signal, name: "(others)"}
		i, ok = index[k]
	}
	if !ok {
		i = len(*groups)
		index[k] = i
		*groups = append(*groups, Group{Kind: k.kind, Signal: k.signal, Scenario: k.scenario, Name: k.name, Path: k.path, Whole: k.whole})
	}
	return &(*groups)[i]
}

// wants reports whether an example would be one of the first.
func (g *Group) wants(o order) bool {
	return len(g.Examples) < maxExamples || o.compare(g.Examples[len(g.Examples)-1].order) < 0
}

func (g *Group) keep(e Example) {
	if !g.wants(e.order) {
		return
	}
	at, _ := slices.BinarySearchFunc(g.Examples, e, func(a, b Example) int { return a.order.compare(b.order) })
	g.Examples = slices.Insert(g.Examples, at, e)
	g.Examples = g.Examples[:min(len(g.Examples), maxExamples)]
}

// Take implements match.SegmentJudge.
func (s *segment) Take(u *match.Unit) error {
	t := taken{segment: s, Unit: u}
	for i := range u.Pairs {
		p := &u.Pairs[i]
		if len(p.Copies) == 0 {
			t.onlyA++
		}
		t.copies += len(p.Copies)
	}
	t.where()
	if t.another() {
		t.takeAnother()
		return nil
	}
	if u.Signal != otlp.SignalMetrics && u.TraceID != (otlp.TraceID{}) {
		switch {
		case len(u.Pairs) > 0 && t.copies+len(u.MadeUp) == 0:
			t.whole = true
			t.add(OnlyA, &u.Pairs[0].Sent.Item, 0, uint64(t.onlyA))
			return nil
		case len(u.MadeUp) > 0 && len(u.Pairs) == 0:
			t.whole = true
			t.add(OnlyB, &u.MadeUp[0].Item, 0, uint64(len(u.MadeUp)))
			return nil
		}
	}
	for i := range u.Pairs {
		t.pair(i)
	}
	for i, m := range u.MadeUp {
		t.add(OnlyB, &m.Item, len(u.Pairs)+i, 1)
	}
	return nil
}

// taken is a unit that is looked at.
type taken struct {
	*segment
	*match.Unit
	onlyA, copies int
	whole         bool   // one side has nothing of the trace
	size          uint64 // items of a trace of another scenario
	known         bool   // where it is from
	origin        ids.Origin
	scenarios     [2]string
	spans         [2]spans
}

// where finds out where the trace of the unit is from.
func (t *taken) where() {
	o := &t.d.o
	if o.Seed == nil || t.Signal == otlp.SignalMetrics || t.TraceID == (otlp.TraceID{}) {
		return
	}
	at := t.d.key.Origin(t.TraceID)
	for i, side := range []*Side{&o.A, &o.B} {
		if at.Iteration < side.Iterations {
			t.known, t.origin = true, at
			if side.Scenario != nil {
				t.scenarios[i] = side.Scenario(at.Iteration)
			}
		}
	}
}

// scenario returns the name of the scenario of a side, or of the other where
// only that one knows.
func (t *taken) scenario(kind Kind) string {
	if kind == OnlyB {
		return cmp.Or(t.scenarios[1], t.scenarios[0])
	}
	return cmp.Or(t.scenarios[0], t.scenarios[1])
}

// pair judges an item of A with what B has of it.
func (t *taken) pair(i int) {
	p := &t.Pairs[i]
	if len(p.Copies) == 0 {
		t.add(OnlyA, &p.Sent.Item, i, 1)
		return
	}
	if changes := t.changes(&p.Sent.Item, &p.Copies[0].Item); len(changes) > 0 {
		t.totals[t.Signal][Changed]++
		t.addChanges(&p.Sent.Item, changes, i)
	}
	for _, extra := range p.Copies[1:] {
		t.add(OnlyB, &extra.Item, i, 1)
	}
}

// add counts n items that are on one side only, of which item is the first.
func (t *taken) add(kind Kind, item *match.Item, index int, n uint64) {
	t.totals[t.Signal][kind] += n
	k := groupKey{kind: kind, signal: t.Signal, scenario: t.scenario(kind), whole: t.whole}
	if !k.whole {
		k.name = nameOf(item)
	}
	t.count(k, item, change{}, index, n)
}

// addChanges counts an item by each field that differs, however often it is
// repeated in the item.
func (t *taken) addChanges(item *match.Item, changes []change, index int) {
	seen := make(map[string]bool, len(changes))
	for _, c := range changes {
		path := form.AnyIndex(c.path)
		if !seen[path] {
			seen[path] = true
			k := groupKey{kind: Changed, signal: t.Signal, scenario: t.scenario(Changed), path: path}
			if !shared(path) {
				k.name = nameOf(item)
			}
			t.count(k, item, c, index, 1)
		}
	}
}

func (t *taken) count(k groupKey, item *match.Item, c change, index int, n uint64) {
	g := groupOf(&t.groups, t.index, k)
	g.Count += n
	g.Units++
	o := order{origin: t.origin, trace: t.TraceID, index: index}
	if t.Signal == otlp.SignalMetrics {
		o.key = pointKey(item)
	}
	if g.wants(o) {
		g.keep(t.example(k, item, c, o))
	}
}

// example describes an item, for which all of its trace may have to be read.
func (t *taken) example(k groupKey, item *match.Item, c change, o order) Example {
	e := Example{Service: serviceOf(item), Path: c.path, Before: c.before, After: c.after, order: o}
	if t.known {
		e.Iteration, e.Turn = &o.origin.Iteration, t.origin.Turn
	}
	if item.TraceID != (otlp.TraceID{}) {
		e.Trace = hex.EncodeToString(item.TraceID[:])
	}
	if item.SpanID != (otlp.SpanID{}) && !k.whole {
		e.Span = hex.EncodeToString(item.SpanID[:])
	}
	switch {
	case k.path == scenarioPath:
		e.Place, e.Span = text.Counted(t.size, t.Signal.Item()), ""
	case k.whole:
		e.Place = t.sizeOf(k.kind)
	default:
		e.Place = t.place(k.kind, item)
	}
	return e
}
