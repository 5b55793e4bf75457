package scenario

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// phaseWord is what a phase of a Config fails services with, to be checked when there
// are scenarios.
type phaseWord struct {
	at    *input.Node
	phase Phase
}

// failureWord reads what a phase fails services with. What it may be depends on
// whom the phase is about.
func failureWord(x input.Map) string {
	n := x.Get("error_type")
	if n != nil && (n.Kind == input.Int || n.Kind == input.Float) {
		return n.Text() // a status
	}
	return x.Str("error_type", "unavailable")
}

// understood checks that every operation of a system that a phase is about can fail
// with its word, as that operation could say itself. One of them is told.
func (l *loader) understood(n *input.Node, p *Phase, d *Definition) {
	about := func(list []string, name string) bool { return len(list) == 0 || slices.Contains(list, name) }
	if n == nil || !about(p.Scenarios, d.Name) || n.Kind == input.List || n.Kind == input.Mapping {
		return
	}
	known := make([]bool, len(protocols))
	for _, s := range d.System.Services {
		for _, o := range s.Operations {
			name := s.Name + "." + o.Name
			if known[o.Protocol] || !about(p.Services, s.Name) || !about(p.Operations, name) {
				continue
			}
			known[o.Protocol] = true
			apart := &loader{p: new(input.Problems)}
			if _, ok := apart.failureType(n, o.Protocol); !ok {
				for _, problem := range apart.p.All() {
					l.p.Errorf(problem.Pos, "%s; the phase is about %s, of protocol %s", problem.Text, input.Quote(name), protocols[o.Protocol])
				}
				return
			}
			l.p.Join(apart.p)
		}
	}
}

// checkPhaseWords checks what phases of the Config fail services with.
func (l *loader) checkPhaseWords(all []Definition) {
	for i := range l.c.words {
		w := &l.c.words[i]
		for k := range all {
			if all[k].System != nil {
				l.understood(w.at, &w.phase, &all[k])
			}
		}
	}
}
