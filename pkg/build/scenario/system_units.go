package scenario

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/otelsim/otelsim/internal/numbers"
	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
)

// written reads a duration with a unit, such as 250ms or 1.5s, in milliseconds, of
// what is longer than all of them infinitely many. ok is false when the node holds
// something else.
func written(n *input.Node) (ms float64, ok bool) {
	if n.Kind != input.String || strings.Trim(n.Text(), "0123456789.+-") == "" { // a number in quotes
		return 0, false
	}
	d, err := numbers.Written(n.Text())
	if err == numbers.ErrLong {
		return math.Inf(1), true
	}
	return float64(d) / 1e6, err == nil
}

// duration reads a duration as latency does, or one with a unit, which is a mean
// as well.
func (r *members) duration(n *input.Node) *dist.Spec {
	if n == nil || n.Kind != input.String {
		return r.latency(n)
	}
	ms, ok := r.period(n, "milliseconds, a duration such as 250ms, or a distribution")
	if !ok {
		return nil
	}
	return around(ms, defaultCV)
}

// fixed reads a duration that is always the same and not zero.
func (r *members) fixed(n *input.Node) *dist.Spec {
	if n == nil {
		return nil
	}
	ms, ok := r.period(n, "milliseconds or a duration such as 2s")
	if ok && ms == 0 {
		n.Fail(r.p, "0 is not above zero")
		ok = false
	}
	if !ok {
		return nil
	}
	return constant(ms)
}

// period reads milliseconds or a duration with a unit.
func (r *members) period(n *input.Node, want string) (float64, bool) {
	if n.Kind == input.Int || n.Kind == input.Float {
		return n.Within(r.p, durations.low, durations.high)
	}
	ms, ok := written(n)
	switch {
	case !ok:
		n.Fail(r.p, "found %s, want %s", n.Describe(), want)
	case ms < 0:
		n.Fail(r.p, "%s is negative", n.Text())
	case ms > durations.high:
		n.Fail(r.p, "%s is longer than the limit of %v", n.Text(), time.Duration(maxMillis)*time.Millisecond)
	default:
		return ms, true
	}
	return 0, false
}

// share reads a number from 0 to 1, or one in percent.
func (r *members) share(n *input.Node, fallback float64) float64 {
	if n == nil {
		return fallback
	}
	if text, percent := strings.CutSuffix(n.Text(), "%"); percent && n.Kind == input.String {
		text = strings.TrimSuffix(text, " ")
		// As a decimal number, so that 2% is 0.02 to the last bit.
		v, err := strconv.ParseFloat(text+"e-2", 64)
		if err == nil && !math.IsNaN(v) && !strings.ContainsAny(text, "eExX_") {
			if v < 0 || v > 1 {
				n.Fail(r.p, "%s is not between 0%% and 100%%", n.Text())
				return fallback
			}
			return v
		}
		n.Fail(r.p, "found %s, want a number from 0 to 1, or one such as 2%%", n.Describe())
		return fallback
	}
	if n.Kind != input.Int && n.Kind != input.Float {
		n.Fail(r.p, "found %s, want a number from 0 to 1, or one such as 2%%", n.Describe())
		return fallback
	}
	switch v, ok := n.Float(r.p); {
	case !ok:
	case v > 1 && v <= 100:
		n.Fail(r.p, "%v is not between 0 and 1; did you mean %v%%?", v, v)
	case v < 0 || v > 1:
		n.Fail(r.p, "%v is not between 0 and 1", v)
	default:
		return v
	}
	return fallback
}
