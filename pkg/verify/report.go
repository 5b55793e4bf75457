package verify

import (
	"io"

	"github.com/otelsim/otelsim/internal/findings"
	"github.com/otelsim/otelsim/pkg/build"
	"github.com/otelsim/otelsim/pkg/conform"
	"github.com/otelsim/otelsim/pkg/conform/coverage"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

// envelope is a report as JSON.
type envelope struct {
	Verdict  string             `json:"verdict"`  // `no findings` or `findings`
	Judged   judged             `json:"judged"`   // how much there was
	Findings []findings.Finding `json:"findings"` // by rule: of the directory first, then in order of segments
	Coverage *coverage.Report   `json:"coverage,omitempty"`
}

// judged counts what was judged.
type judged struct {
	Segments   uint64 `json:"segments"`
	Records    uint64 `json:"records"`
	Spans      uint64 `json:"spans"`
	Points     uint64 `json:"points"`
	LogRecords uint64 `json:"log_records"`
}

// WriteJSON writes the report as JSON: a verdict, how much was judged, and the
// findings by rule.
func (r *Report) WriteJSON(w io.Writer) error {
	e := envelope{
		Verdict: "no findings", Judged: judged{r.Segments, r.Records, r.Spans, r.Points, r.LogRecords},
		Findings: findings.Clean(r.envelopes()), Coverage: r.Coverage,
	}
	if r.Count > 0 {
		e.Verdict = "findings"
	}
	return findings.WriteJSON(w, e)
}

// envelopes returns the groups as findings.
func (r *Report) envelopes() []findings.Finding {
	var draw build.Draw
	if r.Manifest != nil {
		draw = otelsim.DrawOf(&r.Manifest.Header)
	}
	var list []findings.Finding
	for _, g := range r.Groups {
		out := findings.Finding{Rule: g.Rule, WeaverID: conform.WeaverID(g.Rule), Level: findings.Violation, Count: g.Count}
		for i, f := range g.Examples {
			e := findings.Example{Where: f.where(), Message: f.Text}
			if f.Iteration >= 0 && len(draw.Names) > 0 {
				e.Where.Scenario = draw.Names[draw.Pick(uint64(f.Iteration))]
			}
			if i == 0 {
				out.Signal, out.Where, out.Message = f.Signal, e.Where, e.Message
			} else if f.Signal != out.Signal {
				out.Signal = ""
			}
			if len(g.Examples) > 1 {
				out.Examples = append(out.Examples, e)
			}
		}
		list = append(list, out)
	}
	return list
}

func (f *Finding) where() findings.Where {
	return findings.Where{
		File: f.File, Segment: findings.Number(f.Segment), Iteration: findings.Number(f.Iteration), Record: findings.Number(f.Record),
		Service: f.Service, TraceID: f.Trace, SpanID: f.Span, Path: f.Path,
	}
}

// WriteJUnit writes the report as JUnit does: each rule that the corpus was held
// to is a test, which fails when there are findings of it.
func (r *Report) WriteJUnit(w io.Writer) error {
	var cases []findings.Case
	told := make(map[string]bool)
	for _, g := range r.Groups {
		c := findings.Case{Name: g.Rule, Failures: g.Count}
		for i, f := range g.Examples {
			if i == 0 {
				c.Message = f.String()
			}
			c.Details = append(c.Details, f.String())
		}
		told[g.Rule] = true
		cases = append(cases, c)
	}
	for _, rule := range r.Rules {
		if !told[rule.Name] {
			told[rule.Name] = true
			cases = append(cases, findings.Case{Name: rule.Name})
		}
	}
	return findings.WriteJUnit(w, "otelsim-gen verify", cases)
}
