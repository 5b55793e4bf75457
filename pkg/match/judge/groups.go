package judge

import (
	"cmp"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/internal/findings"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match/rules"
)

const (
	// maxGroups bounds the groups that are told apart. What is beyond counts in
	// one group for each kind and signal.
	maxGroups = 1000
	// maxExamples is how many examples of a group are kept.
	maxExamples = 3
	// maxNames bounds the services, and the scenarios, that a group counts.
	maxNames = 200
	// maxShares is how many of them are told.
	maxShares = 5
)

// key is what the findings of a group have in common.
type key struct {
	kind   string
	signal otlp.Signal
	rule   *rules.Rule // nil: none
	field  string      // path, with [] for any index
	change Change
	detail string // the metric of points that were made up
	info   bool
	whole  bool // of the run, not of items of a signal
	other  bool // all that is beyond maxGroups
}

// group is everything that was found of a key.
type group struct {
	key
	count               uint64
	examples            []findings.Example
	services, scenarios names
	first, last         int64 // times; 0: not known

	values uint8  // how many different values there are after the change: 0, 1, 2 for more
	value  string // the one, as far as maxText goes
	want   string // what the rule asks for, of the first; of a fault of a rule, its message
	item   uint64 // the last one that was counted
}

func (g *group) add(n uint64, service, scenario string, at int64) {
	g.count += n
	g.services.add(service, n)
	g.scenarios.add(scenario, n)
	g.within(at, at)
}

// within widens the time of the group; 0 is no time.
func (g *group) within(first, last int64) {
	if first != 0 && (g.first == 0 || first < g.first) {
		g.first = first
	}
	g.last = max(g.last, last)
}

// open reports whether an example of a trace is wanted: there is room, or two are
// of one trace, and this is another one.
func (g *group) open(trace otlp.TraceID) bool {
	if len(g.examples) < maxExamples {
		return true
	}
	return trace != (otlp.TraceID{}) && g.repeated() > 0 && !g.shows(hex.EncodeToString(trace[:]))
}

// show adds an example, in place of one of a trace that is there before it when
// there are enough.
func (g *group) show(e findings.Example) {
	if len(g.examples) == maxExamples {
		i := g.repeated()
		if i == 0 || g.shows(e.Where.TraceID) {
			return
		}
		g.examples = slices.Delete(g.examples, i, i+1)
	}
	g.examples = append(g.examples, e)
}

// repeated returns the last example that is of the trace of one before it; 0: none.
func (g *group) repeated() int {
	for i := len(g.examples) - 1; i > 0; i-- {
		if slices.ContainsFunc(g.examples[:i], func(e findings.Example) bool { return e.Where.TraceID == g.examples[i].Where.TraceID }) {
			return i
		}
	}
	return 0
}

func (g *group) shows(trace string) bool {
	return slices.ContainsFunc(g.examples, func(e findings.Example) bool { return e.Where.TraceID == trace })
}

// becomes takes note of what a field was changed to.
func (g *group) becomes(value string) {
	if g.values == 0 {
		g.value, g.values = clip(value), 1
	} else if g.values == 1 && g.value != clip(value) {
		g.values = 2
	}
}

// wants takes note of what a rule asks for, or says.
func (g *group) wants(what string) {
	if g.want == "" {
		g.want = clip(what)
	}
}

func (g *group) join(other *group) {
	g.count += other.count
	g.services.join(other.services)
	g.scenarios.join(other.scenarios)
	g.within(other.first, other.last)
	for _, e := range other.examples {
		g.show(e)
	}
	if g.want == "" {
		g.want = other.want
	}
	switch {
	case other.values == 1:
		g.becomes(other.value)
	case other.values > 1:
		g.values = 2
	}
}

// groups keeps what was found, by key, in the order in which each was found first.
type groups struct {
	by   map[key]*group
	list []*group
}

func (gs *groups) group(k key) *group {
	if g, ok := gs.by[k]; ok {
		return g
	}
	if gs.by == nil {
		gs.by = make(map[key]*group)
	}
	if len(gs.list) >= maxGroups && !k.other {
		return gs.group(key{kind: k.kind, signal: k.signal, info: k.info, other: true})
	}
	g := &group{key: k}
	gs.by[k] = g
	gs.list = append(gs.list, g)
	return g
}

func (gs *groups) join(other *groups) {
	for _, g := range other.list {
		gs.group(g.key).join(g)
	}
}

// names counts by name, those beyond maxNames under the empty one.
type names map[string]uint64

func (c *names) add(name string, n uint64) {
	if *c == nil {
		*c = make(names)
	}
	if _, ok := (*c)[name]; !ok && len(*c) >= maxNames {
		name = ""
	}
	(*c)[name] += n
}

func (c *names) join(other names) {
	for _, name := range slices.Sorted(maps.Keys(other)) {
		c.add(name, other[name])
	}
}

// shares returns those with most, and the rest as one of no name; none when no
// name is known.
func (c names) shares() []Share {
	var list []Share
	rest := c[""]
	for name, n := range c {
		if name != "" {
			list = append(list, Share{name, n})
		}
	}
	if len(list) == 0 {
		return nil
	}
	slices.SortFunc(list, func(a, b Share) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Name, b.Name))
	})
	for _, s := range list[min(len(list), maxShares):] {
		rest += s.Count
	}
	list = list[:min(len(list), maxShares)]
	if rest > 0 {
		list = append(list, Share{"", rest})
	}
	return list
}
