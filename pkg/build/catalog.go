package build

import (
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/build/vocab"
)

// Catalog is everything that a set of inputs defines, but for the example that
// runs only when it is asked for by name.
type Catalog struct {
	Scenarios   []ScenarioInfo // by name
	Conventions *semconv.Conventions
	Plans       []*Plan // of all that is defined: in either shape, and with all contents between them, but of known inputs one; the first has digests
}

// Validate checks everything that the inputs define, selected or not. The
// result is nil when p has errors afterwards.
func Validate(in Inputs, vendor string, p *input.Problems) *Catalog {
	l := load(in, vendor, nil, p)
	if l == nil {
		return nil
	}
	compiled := l.compile(l.definitions, Options{}, p)
	if compiled == nil {
		return nil
	}
	plans := []*Plan{compiled}
	if !in.Known {
		if plans = append(plans, l.tried(p)); plans[1] == nil {
			return nil
		}
	}
	if in.OwnConfig {
		var found input.Problems
		scenario.WarnUnused(l.config, l.definitions, &found)
		l.warnUnserved(&found)
		for _, problem := range found.All() {
			if problem.Pos.File == in.Config.Name { // not of what it is laid over
				p.Add(problem)
			}
		}
	}
	out := &Catalog{Conventions: l.conventions, Plans: plans}
	for i, d := range l.definitions {
		if !d.Hidden {
			out.Scenarios = append(out.Scenarios, compiled.infos[i])
		}
	}
	return out
}

// warnUnserved warns of services that the conventions have no span type for.
func (l *loaded) warnUnserved(p *input.Problems) {
	if _, ok := l.conventions.Span(vocab.Serve); ok {
		return
	}
	for _, s := range l.config.Servers {
		if s.Service != nil {
			p.Warnf(s.Service.Pos, "mcp_servers.%s.service: no span tells of it: the conventions do not define %s", s.Key, vocab.Serve)
		}
	}
}

// tried compiles all in the other shape, with other contents.
func (l *loaded) tried(p *input.Problems) *Plan {
	out := l.compile(l.definitions, Options{TraceShape: ShapeUnified, Content: Contents[len(Contents)-1], tried: true}, p)
	if out != nil {
		out.alike = true
	}
	return out
}
