package scenario

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/otelsim/otelsim/internal/numbers"
	"github.com/otelsim/otelsim/pkg/build/input"
)

// Bounds of what a Config declares.
const (
	maxUsers     = 10_000_000
	maxInstances = 16
	maxFactor    = 1e6
	maxMoment    = 100 * 365 * 24 * time.Hour // of simulated time
	endless      = math.MaxInt64              // as the end of a phase
)

// mention is the name of a scenario, or of something in one, in a Config, to be checked when there are
// scenarios.
type mention struct {
	pos        input.Pos
	path, name string
	kind       mentioned
}

// mentioned is what a Config mentions that is in scenarios.
type mentioned int

const (
	aScenario mentioned = iota
	aService
	anOperation // as SERVICE.OPERATION
)

// phase reads what a phase is called and when it is.
func (l *loader) phase(x input.Map, pos input.Pos) Phase {
	phase := Phase{Name: x.Need("name"), Pos: pos, From: l.moment(x, "from", 0), To: l.moment(x, "to", endless)}
	if phase.To <= phase.From {
		x.Fail("to", "%v is not after from, %v", phase.To, phase.From)
	}
	return phase
}

// phases reads the phases of simulated time. Overlapping ones add up.
func (l *loader) phases(m input.Map) []Phase {
	var out []Phase
	taken := make(map[string]input.Pos)
	for _, item := range m.List("phases") {
		x, ok := item.Map(l.p, phaseKeys...)
		if !ok {
			continue
		}
		before := l.p.Found()
		phase := l.phase(x, item.Pos)
		phase.Scenarios = l.filter(x, "scenarios", l.mentions(aScenario))
		phase.Services = l.filter(x, "services", l.mentions(aService))
		phase.Operations = l.filter(x, "operations", l.mentions(anOperation))
		phase.Tools = l.filter(x, "tools", func(n *input.Node, s string) string {
			return l.knownName(n, s, "tool", l.allTools())
		})
		phase.Servers = l.filter(x, "divisions", func(n *input.Node, s string) string {
			return l.division(l.knownName(n, s, "division", l.divisionNames()))
		})
		l.degrade(x, &phase, false)
		phase.Weights = l.phaseWeights(x)
		idle := phase.LatencyFactor == 1 && phase.ErrorRate == 0 && len(phase.Weights) == 0
		if idle && l.p.Found() == before {
			item.Warn(l.p, "has no effect: it says no latency_factor, error_rate or weights")
		}
		if phase.Name != "" && l.unique(taken, "phase", phase.Name, x.At("name")) {
			out = append(out, phase)
		}
	}
	return out
}

// mentions notes a name that is to be checked later.
func (l *loader) mentions(kind mentioned) func(*input.Node, string) string {
	return func(n *input.Node, s string) string {
		l.c.mentions = append(l.c.mentions, mention{n.Pos, n.Path(), s, kind})
		return s
	}
}

// moment reads a point of simulated time, counted from the start of the
// corpus: a duration such as 1h30m, or a number of seconds.
func (l *loader) moment(m input.Map, key string, fallback time.Duration) time.Duration {
	n := m.Get(key)
	if n == nil {
		return fallback
	}
	if n.Kind == input.String {
		d, err := numbers.Written(n.Text())
		switch {
		case err == numbers.ErrLong:
			n.Fail(l.p, "%s is not between 0s and %v", n.Text(), maxMoment)
			return fallback
		case err != nil:
			n.Fail(l.p, "found %s, want a duration such as 1h30m, or a number of seconds", n.Describe())
			return fallback
		case d < 0 || d > maxMoment:
			n.Fail(l.p, "%v is not between 0s and %v", d, maxMoment)
			return fallback
		}
		return d
	}
	seconds, ok := n.Within(l.p, 0, maxMoment.Seconds())
	if !ok {
		return fallback
	}
	return time.Duration(math.Floor(float64(seconds*1e9) + 0.5))
}

// filter reads a list of names, or one, and what resolve makes of them; ""
// stands for a name that was reported.
func (l *loader) filter(m input.Map, key string, resolve func(*input.Node, string) string) []string {
	n := m.Get(key)
	if n == nil {
		return nil
	}
	items, _ := n.Items(l.p, input.String)
	if n.Kind == input.List && len(items) == 0 {
		n.Fail(l.p, "names nothing; leave the key out to mean all")
	}
	var out []string
	for _, item := range items {
		s, ok := item.Str(l.p)
		if !ok {
			continue
		}
		if s = strings.TrimSpace(s); s == "" {
			item.Fail(l.p, "empty")
			continue
		}
		switch s = resolve(item, s); {
		case s == "":
		case slices.Contains(out, s):
			item.Fail(l.p, "%q is there twice", s)
		default:
			out = append(out, s)
		}
	}
	return out
}

// divisionNames lists what a division can be called: its name, or the key of
// its server.
func (l *loader) divisionNames() []string {
	names := l.c.serverKeys()
	for _, division := range l.c.Divisions {
		names = append(names, division.Name)
	}
	return names
}

// division returns the key of the server of a division.
func (l *loader) division(name string) string {
	for _, division := range l.c.Divisions {
		if division.Name == name {
			return division.Server
		}
	}
	return name
}

// degrade reads what a phase does to spans. ofSystem says that it is of a scenario of
// services.
func (l *loader) degrade(x input.Map, phase *Phase, ofSystem bool) {
	phase.LatencyFactor = x.Float("latency_factor", 1, 1/maxFactor, maxFactor)
	phase.ErrorRate = x.Float("error_rate", 0, 0, 1)
	switch {
	case ofSystem:
		phase.ErrorType = failureWord(x)
	case x.Has("services") || x.Has("operations"):
		phase.ErrorType = failureWord(x)
		l.c.words = append(l.c.words, phaseWord{x.Get("error_type"), *phase})
		for _, key := range []string{"tools", "divisions"} {
			if x.Has(key) {
				x.Fail(key, "beside services or operations: a phase is about calls of agents, or about systems")
			}
		}
	default:
		phase.ErrorType = x.OneOf("error_type", "unavailable", errorTypes...)
	}
	if x.Get("error_type") != nil && x.Get("error_rate") == nil {
		x.Warn("error_type", "has no effect without error_rate")
	}
	if phase.LatencyFactor != 1 || phase.ErrorRate != 0 {
		return
	}
	for _, key := range []string{"scenarios", "tools", "divisions", "services", "operations"} {
		if x.Get(key) != nil {
			x.Warn(key, "has no effect: it is about latency_factor and error_rate")
		}
	}
}

// phaseWeights reads how much more often scenarios are picked in a phase. A
// mapping has no order, so they get one.
func (l *loader) phaseWeights(x input.Map) []PhaseWeight {
	weights, _ := x.Map("weights")
	var out []PhaseWeight
	for _, e := range weights.Entries() {
		factor, ok := e.Value.Within(l.p, 0, maxFactor)
		l.c.mentions = append(l.c.mentions, mention{e.Pos, weights.Node.Path(), e.Key, aScenario})
		if ok {
			out = append(out, PhaseWeight{e.Key, factor})
		}
	}
	slices.SortFunc(out, func(a, b PhaseWeight) int { return cmp.Compare(a.Scenario, b.Scenario) })
	return out
}

// checkMentions checks what the Config names of scenarios against what there is.
func (l *loader) checkMentions(all []Definition) {
	names := make([][]string, anOperation+1)
	systems := []*System{l.c.Services}
	for i := range all {
		names[aScenario] = append(names[aScenario], all[i].Name)
		systems = append(systems, all[i].System)
	}
	for _, x := range systems {
		if x == nil {
			continue
		}
		for _, s := range x.Services {
			names[aService] = append(names[aService], s.Name)
			for _, o := range s.Operations {
				names[anOperation] = append(names[anOperation], s.Name+"."+o.Name)
			}
		}
	}
	words := []string{"scenario", "service", "operation"}
	for _, m := range l.c.mentions {
		if !slices.Contains(names[m.kind], m.name) {
			l.p.Errorf(m.pos, "%s: %s", m.path, input.Unknown(words[m.kind], m.name, names[m.kind]))
		}
	}
	l.checkPhaseWords(all)
}
