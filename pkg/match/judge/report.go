package judge

import (
	"io"
	"slices"

	"github.com/otelsim/otelsim/internal/findings"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Clean returns the result fit for a terminal, a log or a page: what strangers
// wrote is in it, escaped. The result itself is left as it is.
func (r *Result) Clean() *Result {
	out := *r
	out.Undecided, out.Notes, out.Outputs = cleanAll(r.Undecided), cleanAll(r.Notes), cleanAll(r.Outputs)
	out.Rules = cleanAll(r.Rules)
	out.Findings = make([]Finding, len(r.Findings))
	for i, f := range r.Findings {
		f.Finding = f.Finding.Clean()
		f.RuleAt, f.Field = text.Clean(f.RuleAt), text.Clean(f.Field)
		f.Services, f.Scenarios = cleanShares(f.Services), cleanShares(f.Scenarios)
		out.Findings[i] = f
	}
	return &out
}

func cleanAll(list []string) []string {
	out := slices.Clone(list)
	for i := range out {
		out[i] = text.Clean(out[i])
	}
	return out
}

func cleanShares(list []Share) []Share {
	out := slices.Clone(list)
	for i := range out {
		out[i].Name = text.Clean(out[i].Name)
	}
	return out
}

// WriteJSON writes the result as JSON, cleaned. Scripts find every signal in it.
func (r *Result) WriteJSON(w io.Writer) error {
	out := r.Clean()
	out.BySignal = make(map[string]Totals)
	for sig := range otlp.Signal(otlp.NumSignals) {
		out.BySignal[sig.String()] = r.BySignal[sig.String()]
	}
	return findings.WriteJSON(w, out)
}

// WriteJUnit writes the result as JUnit does: each class that was judged is a test,
// and each rule of a file, which fails when there are findings of it. A result that
// is undecided is a test of its own, which fails.
func (r *Result) WriteJUnit(w io.Writer) error {
	decided := findings.Case{Name: "decided", Failures: uint64(len(r.Undecided)), Details: r.Undecided}
	if len(r.Undecided) > 0 {
		decided.Message = r.Undecided[0]
	}
	cases := []findings.Case{decided}
	index := make(map[string]int)
	add := func(name string) int {
		i, ok := index[name]
		if !ok {
			i = len(cases)
			index[name] = i
			cases = append(cases, findings.Case{Name: name})
		}
		return i
	}
	for _, kind := range kinds {
		if r.judges(kind) {
			add(kind)
		}
	}
	for _, rule := range r.Rules {
		add(rule)
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Level == findings.Information {
			continue
		}
		c := &cases[add(f.Rule)]
		if c.Message == "" {
			c.Message = f.Message
			if f.Kind == KindLost && r.Losses != nil {
				c.Message += ": " + r.Losses.Summary
			}
		}
		c.Failures += f.Count
		if lines := f.details(); len(c.Details)+len(lines) <= maxDetails {
			c.Details = append(c.Details, lines...)
		}
	}
	return findings.WriteJUnit(w, "otelsim-replay check", cases)
}

// judges reports whether findings of a kind could come up beside those of rules.
func (r *Result) judges(kind string) bool {
	switch kind {
	case KindNotDropped, KindMisrouted, KindUnknown:
		return false // of rules, and no failure
	case KindLate:
		return r.Totals.Late != nil
	}
	return true
}

// maxDetails bounds the examples of a case.
const maxDetails = 100

// details returns the examples of a finding, a line each.
func (f *Finding) details() (lines []string) {
	for _, e := range f.Examples {
		lines = append(lines, f.Message+": "+example(f, e))
	}
	if len(lines) == 0 {
		lines = append(lines, f.Message)
	}
	return lines
}
