package replay

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/otelsim/otelsim/internal/condition"
	"github.com/otelsim/otelsim/internal/numbers"
	"github.com/otelsim/otelsim/internal/text"
)

// Condition is a reason to call a run failed: a measure of the report compared
// with a bound.
//
//	p50 p90 p99 p999 max     latency from the due time, as a duration: p99>50ms
//	late retried throttled   records: a count, or percent of the records due:
//	rejected failed          late>1%
//	unknown lost
//	rate                     the achieved records a second, or percent of the
//	                         target rate: rate<99.9%
type Condition struct {
	measure string
	op      string
	bound   float64 // nanoseconds, count, rate or percent
	percent bool
	text    string
}

var (
	latencyMeasures = []string{"p50", "p90", "p99", "p999", "max"}
	countMeasures   = []string{"late", "retried", "throttled", "rejected", "failed", "unknown", "lost"}
)

// ParseCondition reads an expression such as p99>50ms, late > 1% or failed>0.
func ParseCondition(s string) (Condition, error) {
	c := Condition{text: s}
	p, err := condition.Parse(s)
	if err != nil {
		return c, fmt.Errorf("%w: want one such as p99>50ms", err)
	}
	c.measure, c.op = p.Name, p.Op
	value := p.Value
	if slices.Contains(latencyMeasures, c.measure) {
		d, err := numbers.Duration(value)
		if err != nil || d < 0 {
			return c, fmt.Errorf("parse condition %q: want a duration such as 50ms after %s", s, c.op)
		}
		c.bound = float64(d)
		return c, nil
	}
	if c.measure != "rate" && !slices.Contains(countMeasures, c.measure) {
		known := append(append(slices.Clone(latencyMeasures), countMeasures...), "rate")
		return c, fmt.Errorf("parse condition %q: unknown measure %q, want one of %s", s, c.measure, strings.Join(known, ", "))
	}
	value, c.percent = strings.CutSuffix(value, "%")
	num, den, err := numbers.Decimal(strings.TrimSpace(value), maxDecimals)
	if err != nil {
		return c, fmt.Errorf("parse condition %q: want a number or a percentage after %s", s, c.op)
	}
	c.bound = float64(num) / float64(den)
	return c, nil
}

// String returns the condition as it was written.
func (c Condition) String() string { return c.text }

// NeedsTarget reports whether the condition compares with the target rate,
// which only a constant number of records a second is.
func (c Condition) NeedsTarget() bool { return c.measure == "rate" && c.percent }

// Holds says whether the report meets the condition, which is a reason to fail,
// and what was measured. A condition on something that was not measured holds:
// a run without one answer has no good latency.
func (c Condition) Holds(r *Report) (bool, string) {
	if slices.Contains(latencyMeasures, c.measure) {
		if r.FromDue.Count == 0 {
			return true, "no record was answered"
		}
		v := map[string]int64{
			"p50": r.FromDue.P50, "p90": r.FromDue.P90, "p99": r.FromDue.P99, "p999": r.FromDue.P999, "max": r.FromDue.Max,
		}[c.measure]
		return c.compare(float64(v)), fmt.Sprintf("%s is %v", c.measure, text.Fine(time.Duration(v)))
	}
	v, whole := r.AchievedRPS, r.TargetRPS
	if c.measure != "rate" {
		v = float64(map[string]uint64{
			"late": r.Records.Late, "retried": r.Records.Retried, "throttled": r.Records.Throttled,
			"rejected": r.Records.Rejected, "failed": r.Records.Failed, "unknown": r.Records.Unknown, "lost": r.LostRecords,
		}[c.measure])
		whole = float64(r.Records.Due)
	}
	if !c.percent {
		return c.compare(v), fmt.Sprintf("%s is %s", c.measure, text.Decimal(v))
	}
	if whole == 0 {
		return true, fmt.Sprintf("%s: nothing to take a percentage of", c.measure)
	}
	v = 100 * v / whole
	return c.compare(v), fmt.Sprintf("%s is %s%%", c.measure, text.Decimal(v))
}

func (c Condition) compare(v float64) bool { return condition.Holds(c.op, v, c.bound) }

// Failures returns what speaks against calling the run a success, nothing when
// none does. Without conditions, that is any record lost.
func (r *Report) Failures(conditions []Condition) []string {
	if len(conditions) == 0 {
		if r.LostRecords > 0 {
			return []string{fmt.Sprintf("%s of %s lost (%s)",
				text.Grouped(r.LostRecords), text.Counted(r.Records.Due, "record"), text.Counted(r.LostItems, "item"))}
		}
		return nil
	}
	var all []string
	for _, c := range conditions {
		if holds, what := c.Holds(r); holds {
			all = append(all, fmt.Sprintf("%s (%s)", what, c))
		}
	}
	return all
}
