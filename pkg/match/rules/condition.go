package rules

import (
	"math/bits"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// condition holds for an item when all that it says holds. The zero condition holds
// for every item.
type condition struct {
	signals     signalSet // 0: all
	parts       []keyed   // of the resource and the scope
	name        *pattern
	kinds       []string // as form prints them: SERVER
	statuses    []string // likewise: ERROR
	severities  [2]int   // lowest and highest number; 0, 0: any
	own         []keyed  // of the item
	minDuration time.Duration
	maxDuration time.Duration // 0: any
	not         *condition
	anyOf       []*condition
	minSpans    int // of traces only
}

// signalSet has bit 1<<signal for each signal.
type signalSet uint8

func (s signalSet) has(sig otlp.Signal) bool { return s == 0 || s&(1<<sig) != 0 }

// first returns the first signal of a set that has some.
func (s signalSet) first() otlp.Signal { return otlp.Signal(bits.TrailingZeros8(uint8(s))) }

// keyed is a condition on the value at one path.
type keyed struct {
	path string
	want *pattern
}

// pattern is a condition on a value.
type pattern struct {
	absent   bool
	anyValue bool
	text     []*regexp.Regexp // of a glob, or as written: one of them
	values   []form.Value     // or equal to one of them
	min, max *float64
}

// holds reports whether the pattern takes a value; nil: there is none.
func (p *pattern) holds(v *form.Value) bool {
	if v == nil {
		return p.absent
	}
	if p.absent {
		return false
	}
	if p.anyValue {
		return true
	}
	if p.min != nil || p.max != nil {
		n, err := strconv.ParseFloat(v.Text, 64)
		return err == nil && isNumber(v.Kind) && (p.min == nil || n >= *p.min) && (p.max == nil || n <= *p.max)
	}
	equal := func(want form.Value) bool {
		return alike(want, *v) || isNumber(want.Kind) && isNumber(v.Kind) && sameNumber(want.Text, v.Text)
	}
	return slices.ContainsFunc(p.values, equal) ||
		isText(v.Kind) && slices.ContainsFunc(p.text, func(r *regexp.Regexp) bool { return r.MatchString(v.Text) })
}

func isNumber(k otlp.Kind) bool { return k == otlp.KindInt || k == otlp.KindDouble }

func isText(k otlp.Kind) bool { return k == otlp.KindString || k == otlp.KindText }

// alike reports whether two values are the same value of the same kind.
func alike(a, b form.Value) bool {
	if a.Kind == otlp.KindDouble && b.Kind == otlp.KindDouble {
		return sameNumber(a.Text, b.Text)
	}
	return a.Text == b.Text && (a.Kind == b.Kind || isText(a.Kind) && isText(b.Kind))
}

// sameNumber compares numbers that may be spelt otherwise: 1e3 and 1000.
func sameNumber(a, b string) bool {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	return a == b || errX == nil && errY == nil && x == y
}

// holds reports whether the condition holds for an item.
func (c *condition) holds(v *view) bool {
	if c == nil {
		return true
	}
	if !c.signals.has(v.signal) || !v.hold(c.parts) || c.name != nil && !c.name.holds(v.get(v.namePath())) ||
		!c.enumsHold(v) || !c.durationHolds(v) || !v.hold(c.own) {
		return false
	}
	if len(c.anyOf) > 0 && !slices.ContainsFunc(c.anyOf, func(c *condition) bool { return c.holds(v) }) {
		return false
	}
	return c.not == nil || !c.not.holds(v)
}

// hold reports whether all of some conditions on values hold.
func (v *view) hold(of []keyed) bool {
	for _, k := range of {
		if !k.want.holds(v.get(k.path)) {
			return false
		}
	}
	return true
}

func (c *condition) enumsHold(v *view) bool {
	if len(c.kinds) > 0 && (v.signal != otlp.SignalTraces || !slices.Contains(c.kinds, v.enum("kind"))) {
		return false
	}
	if len(c.statuses) > 0 && (v.signal != otlp.SignalTraces || !slices.Contains(c.statuses, v.enum("status.code"))) {
		return false
	}
	if c.severities == [2]int{} {
		return true
	}
	n := severityNumber(v.enum("severity_number"))
	return v.signal == otlp.SignalLogs && n >= c.severities[0] && n <= c.severities[1]
}

// severityNames are the names of severities: each stands for four numbers, from 1.
var severityNames = []string{"trace", "debug", "info", "warn", "error", "fatal"}

// severityNumber returns the number of a severity as form prints it: INFO, INFO2, or
// digits for one that OTLP does not have. 0: none.
func severityNumber(text string) int {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	text = strings.ToLower(text)
	name := strings.TrimRight(text, "1234")
	i := slices.Index(severityNames, name)
	if i < 0 {
		return 0
	}
	step, _ := strconv.Atoi(text[len(name):])
	return i*4 + max(step, 1)
}

func (c *condition) durationHolds(v *view) bool {
	if c.minDuration == 0 && c.maxDuration == 0 {
		return true
	}
	start, end, ok := v.times()
	return ok && c.lasts(end-start)
}

// lasts reports whether a duration in ns is one that the condition takes.
func (c *condition) lasts(ns int64) bool {
	d := time.Duration(ns)
	return d >= c.minDuration && (c.maxDuration == 0 || d <= c.maxDuration)
}
