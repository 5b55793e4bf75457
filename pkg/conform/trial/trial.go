// Package trial holds inputs to the rules of a corpus before there is one. It
// makes a little of every scenario, in such a way that all that it may do
// happens, judges that as a corpus is judged, and says where in the input files
// what breaks a rule comes from.
//
//	plan := build.Compile(inputs, options, &problems)
//	trial.Hold(&problems, plan) // adds warnings
package trial

import (
	"cmp"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/conform"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Hold adds a warning for everything that a corpus of the plans would be found
// fault with and that follows from their inputs, which are the same for all,
// and an error for what could not be written at all. What p says already of an
// attribute is not said twice.
func Hold(p *input.Problems, plans ...*build.Plan) {
	h := &holder{groups: make(map[string]*group)}
	failed := make(map[string]bool) // scenarios
	for _, plan := range plans {
		h.plan = plan
		for _, t := range plan.Trials() {
			if err := h.scenario(&t); err != nil && !failed[t.Scenario] {
				failed[t.Scenario] = true
				p.Errorf(t.Pos, "scenario %s: %v", t.Scenario, err)
			}
		}
	}
	h.tell(p)
}

// holder collects what is found.
type holder struct {
	plan   *build.Plan
	groups map[string]*group // by what is alike in them
	order  []*group
}

// group is one fault in all of its places.
type group struct {
	text   string
	copied bool // of a metric or log record, whose attributes are those of spans
	places []place
	more   bool
}

// place is where a fault is, and what has it there.
type place struct {
	pos     input.Pos
	subject string
}

// maxPlaces is how many places of one fault are told.
const maxPlaces = 3

// add notes a fault, which subject has. Who has it makes it no other fault, nor
// do the values and ids in its text.
func (h *holder) add(at input.Pos, subject, text string) {
	about, fault, _ := strings.Cut(text, ": ")
	copied := strings.HasPrefix(about, "log ") || strings.HasPrefix(about, "metric ")
	key := skeleton(text)
	if strings.HasPrefix(about, "log ") {
		key = "log: " + skeleton(fault) // whatever is logged
	}
	g := h.groups[key]
	if g == nil {
		g = &group{text: text, copied: copied}
		h.groups[key] = g
		h.order = append(h.order, g)
	}
	if slices.ContainsFunc(g.places, func(p place) bool { return p.pos == at }) {
		return
	}
	if g.more = len(g.places) == maxPlaces; !g.more {
		g.places = append(g.places, place{at, subject})
	}
}

// skeleton is a text without what is quoted and without digits.
func skeleton(text string) string {
	var b strings.Builder
	quoted := false
	for _, r := range text {
		switch {
		case r == '"':
			quoted = !quoted
		case quoted || r >= '0' && r <= '9':
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// tell adds what was found to p.
func (h *holder) tell(p *input.Problems) {
	said := make(map[string]bool)
	for _, problem := range p.All() {
		if rest, ok := strings.CutPrefix(problem.Text, "attribute "); ok {
			name, _, _ := strings.Cut(rest, ":")
			said[bare(name)] = true
		}
	}
	onSpans := make(map[string]bool)
	for _, g := range h.order {
		if name := attributeIn(g.text); !g.copied {
			onSpans[name] = true
		}
	}
	for _, g := range h.order {
		text := g.text
		if name := attributeIn(text); name != "" && (said[bare(name)] || g.copied && onSpans[name]) {
			continue
		}
		for i, at := range g.places {
			if i == len(g.places)-1 && g.more {
				text += "; and there are more places"
			}
			p.Warnf(at.pos, "%sverify would find: %s", at.subject, text)
		}
	}
}

// attributeIn returns the attribute that a finding is about, "" when it is about none.
func attributeIn(finding string) string {
	_, rest, _ := strings.Cut(finding, "attribute ")
	name, _, _ := strings.Cut(rest, " ")
	return name
}

// defined says where one of the definitions is that of the attribute which a
// finding is about, "" when none is.
func (h *holder) defined(defs []semconv.Attribute, finding string) string {
	name := attributeIn(finding)
	for i := range defs {
		if h.plan.Conventions.Rename(defs[i].Name, h.plan.Prefix()) == name {
			return "; " + defs[i].Pos.String() + " defines it"
		}
	}
	return ""
}

// bare is a name of an attribute without its first word.
func bare(name string) string {
	if _, rest, ok := strings.Cut(name, "."); ok {
		return rest
	}
	return name
}

// scenario runs the trial of one scenario and judges it.
func (h *holder) scenario(t *build.Trial) error {
	own, prefix := *h.plan.Conventions, h.plan.Prefix()
	own.Systems = h.plan.Systems() // as a corpus has them
	conventions := &own
	checker := conform.NewChecker(conventions, prefix)
	checker.Lenient = true // as a corpus is judged: an author may do as he likes
	checker.Registry = h.plan.Registry
	key := ids.New(t.Seed)
	checker.Origin = func(id otlp.TraceID) (session, request uint64) {
		origin := key.Origin(id)
		return origin.Iteration, uint64(origin.Turn)
	}
	session := checker.Session()
	others := conform.NewSignalChecker(conventions, prefix)
	others.Lenient = true
	o := conform.AuditOptions{Several: t.Several, Request: func(id otlp.TraceID) uint64 {
		origin := key.Origin(id)
		return origin.Iteration<<ids.TurnBits | uint64(origin.Turn)
	}}
	if !t.Metrics {
		o.Counted = func(otlp.TraceID) bool { return false }
	}
	if !t.Logs {
		o.Logged = func(otlp.TraceID) bool { return false }
	}
	audit := conform.NewAudit(conventions, prefix, o)
	inScenario := func(_, text string) { h.add(t.Pos, "scenario "+t.Scenario+": ", text) }
	return t.Run(build.TrialSinks{
		Traces: func(tr *otlp.Traces, places []build.Place) {
			session.Traces(tr, func(f conform.Finding) { h.span(t, tr, places[f.Span], f) })
			audit.Traces(tr)
		},
		Metrics: func(m *otlp.Metrics) {
			others.Metrics(m, func(i int, _, text string) {
				name := m.Strings.String(m.Metrics[i].Name)
				h.add(h.metricPos(t, name), "", "metric "+name+": "+text)
			})
			audit.Metrics(m)
		},
		Logs: func(l *otlp.Logs) {
			others.Logs(l, func(_ int, rule, text string) { inScenario(rule, text) })
			audit.Logs(l)
		},
		Segment: func(whole bool) {
			report := inScenario
			if !whole {
				report = func(_, _ string) {} // the metrics that it lacks would be missed
			}
			audit.Finish(report)
			session = checker.Session()
		},
	})
}

// span notes a finding about a span, where the span comes from, or its
// resource.
func (h *holder) span(t *build.Trial, tr *otlp.Traces, at build.Place, f conform.Finding) {
	c := h.plan.Conventions
	if strings.HasPrefix(f.Rule, "resource-") || strings.HasPrefix(f.Text, "resource attribute ") {
		h.add(at.Resource, "", f.Rule+": "+f.Text+h.defined(c.Resource, f.Text))
		return
	}
	span := tr.Strings.String(tr.Spans[f.Span].Name)
	h.add(cmp.Or(at.Span, t.Pos), "span "+span+": ", f.Rule+": "+f.Text+h.defined(c.SpanAttributes(at.Class), f.Text))
}

// metricPos is where the conventions define a metric.
func (h *holder) metricPos(t *build.Trial, name string) input.Pos {
	c := h.plan.Conventions
	for i := range c.Metrics {
		if c.Rename(c.Metrics[i].Name, h.plan.Prefix()) == name {
			return c.Metrics[i].Pos
		}
	}
	return t.Pos
}
