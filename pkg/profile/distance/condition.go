package distance

import (
	"fmt"
	"strings"

	"github.com/otelsim/otelsim/internal/condition"
	"github.com/otelsim/otelsim/internal/numbers"
	"github.com/otelsim/otelsim/internal/text"
)

// Condition is a reason to call a comparison failed: the word apart, a measure compared with
// a bound, such as shape_tv>0.05 or duration_p99>10%, or the number of outliers.
type Condition struct {
	text    string
	measure string // "": the verdict
	op      string
	bound   float64
}

// ParseCondition reads a condition.
func ParseCondition(s string) (Condition, error) {
	c := Condition{text: s}
	if strings.TrimSpace(s) == Apart {
		return c, nil
	}
	p, err := condition.Parse(s)
	if err != nil {
		return c, fmt.Errorf("%w: want %s, or a measure such as shape_tv>0.05", err, Apart)
	}
	c.measure, c.op = p.Name, p.Op
	if c.measure != countOfOutliers && !known(c.measure) {
		if near, ok := text.Nearest(c.measure, Names()); ok {
			return c, fmt.Errorf("parse condition %q: unknown measure %q: did you mean %q?", s, c.measure, near)
		}
		return c, fmt.Errorf("parse condition %q: unknown measure %q, want one of %s", s, c.measure, strings.Join(Names(), ", "))
	}
	value, percent := strings.CutSuffix(p.Value, "%")
	if c.bound, err = numbers.Float(strings.TrimSpace(value)); err != nil {
		return c, fmt.Errorf("parse condition %q: want a number or a percentage after %s", s, p.Op)
	}
	if percent {
		c.bound /= 100
	}
	return c, nil
}

// countOfOutliers is what conditions call the number of outliers.
const countOfOutliers = "outliers"

func known(name string) bool {
	for i := range measures {
		if measures[i].name == name {
			return true
		}
	}
	return false
}

// String returns the condition as it was written.
func (c Condition) String() string { return c.text }

// Holds says whether the result meets the condition, which is a reason to fail, and what was
// measured. A condition on what was not measured holds: nothing is known of it.
func (c Condition) Holds(r *Result) (bool, string) {
	if c.measure == "" {
		return r.Apart(), fmt.Sprintf("%s and %s are %s", r.A.Name, r.B.Name, r.Verdict())
	}
	if c.measure == countOfOutliers {
		n := len(r.Outliers)
		return condition.Holds(c.op, float64(n), c.bound), fmt.Sprintf("%s is %d", c.measure, n)
	}
	m, ok := r.Of(c.measure)
	if !ok {
		return true, c.measure + " was not measured"
	}
	return condition.Holds(c.op, m.Value, c.bound), fmt.Sprintf("%s is %s", c.measure, number(m.Value))
}
