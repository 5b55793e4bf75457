package differ

import (
	"io"

	"github.com/otelsim/otelsim/internal/findings"
	"github.com/otelsim/otelsim/internal/text"
)

// envelope is a result as JSON.
type envelope struct {
	Equal    bool               `json:"equal"`
	Totals   totals             `json:"totals"`
	BySignal map[string]totals  `json:"by_signal"`       // of those that were compared
	Notes    []string           `json:"notes,omitempty"` // what a person should know
	Findings []findings.Finding `json:"findings"`
}

// totals are numbers of items.
type totals struct {
	OnlyA   uint64 `json:"only_a"`
	OnlyB   uint64 `json:"only_b"`
	Changed uint64 `json:"changed"`
}

// WriteJSON writes the result as JSON. An error is that of w.
func (r *Result) WriteJSON(w io.Writer) error {
	e := envelope{
		Equal: r.Equal(), Totals: totals{r.Count(OnlyA), r.Count(OnlyB), r.Count(Changed)},
		BySignal: make(map[string]totals), Findings: findings.Clean(r.findings()),
	}
	for _, n := range r.notes() {
		e.Notes = append(e.Notes, text.Clean(n))
	}
	for _, sig := range r.Signals {
		t := &r.Totals[sig]
		e.BySignal[sig.String()] = totals{t[OnlyA], t[OnlyB], t[Changed]}
	}
	return findings.WriteJSON(w, e)
}

// The rules of findings.
const (
	ruleHeader = "header"  // two corpora are made from other things
	ruleItem   = "item"    // items differ
	ruleDigest = "segment" // files differ, or are not there
)

// findings returns the groups as findings. What manifests differ in counts too,
// and comes first.
func (r *Result) findings() []findings.Finding {
	var list []findings.Finding
	for i := 0; r.Unread && i < len(r.Headers); i++ {
		c := &r.Headers[i]
		list = append(list, findings.Finding{
			Rule: ruleHeader, Level: findings.Violation, Kind: Changed.String(), Count: 1, Message: c.tell(),
			Where:    findings.Where{Path: c.Path, Scenario: c.Scenario},
			Examples: []findings.Example{{Before: c.Before, After: c.After}},
		})
	}
	for i := range r.Groups {
		g := &r.Groups[i]
		f := findings.Finding{
			Rule: ruleItem, Level: findings.Violation, Kind: g.Kind.String(), Signal: g.Signal.String(), Count: g.Count,
			Message: g.title() + ": " + g.becomes(),
		}
		for k := range g.Examples {
			e := &g.Examples[k]
			x := findings.Example{Message: e.Place, Before: e.Before, After: e.After, Where: findings.Where{
				Segment: e.Segment, Iteration: e.Iteration, Service: e.Service, Scenario: g.Scenario,
				TraceID: e.Trace, SpanID: e.Span, Path: e.Path,
			}}
			if e.Segment != nil {
				f.Rule = ruleDigest
			}
			if k == 0 {
				f.Where = x.Where
			}
			f.Examples = append(f.Examples, x)
		}
		list = append(list, f)
	}
	return list
}

// notes are the notes, with what the headers say before them where that does not
// count.
func (r *Result) notes() []string {
	if r.Unread {
		return r.Notes
	}
	var all []string
	for i := range r.Headers {
		all = append(all, r.Headers[i].tell())
	}
	return append(all, r.Notes...)
}

// WriteJUnit writes the result as JUnit does: a test for each scenario, where the
// scenarios are known, for each signal, and for what corpora are made from. An
// error is that of w.
func (r *Result) WriteJUnit(w io.Writer) error {
	var cases []findings.Case
	of := make(map[string]int)
	at := func(name string) *findings.Case {
		i, ok := of[name]
		if !ok {
			i = len(cases)
			of[name] = i
			cases = append(cases, findings.Case{Name: name})
		}
		return &cases[i]
	}
	for _, name := range r.Scenarios {
		at("scenario " + name)
	}
	for _, sig := range r.Signals {
		at(sig.String())
	}
	fail := func(c *findings.Case, n uint64, message string, details ...string) {
		if c.Failures == 0 {
			c.Message = message
		}
		c.Failures += n
		c.Details = append(c.Details, details...)
	}
	if r.Unread {
		c := at("header")
		for i := range r.Headers {
			h := &r.Headers[i]
			if h.Scenario != "" {
				fail(at("scenario "+h.Scenario), 1, h.tell(), h.tell())
			} else {
				fail(c, 1, h.tell(), h.tell())
			}
		}
	}
	for i := range r.Groups {
		g := &r.Groups[i]
		name := g.Signal.String()
		if g.Scenario != "" {
			name = "scenario " + g.Scenario
		}
		message := g.title() + ": " + g.becomes()
		details := []string{message}
		for k := range g.Examples {
			details = append(details, "  "+g.Examples[k].line())
		}
		fail(at(name), g.Count, message, details...)
	}
	return findings.WriteJUnit(w, "otelsim-gen diff", cases)
}
