package randomsystem

import (
	"fmt"
	"strings"
)

// calls writes what an operation does: all that it is to call, and some spans of its own
// service.
func (d *drawn) calls(at callee, op *operation) {
	if len(op.calls) == 0 && d.chance(0.5) {
		return
	}
	if d.chance(0.25) {
		d.b.WriteString("        parallel: true\n")
	}
	d.b.WriteString("        calls:\n")
	if len(op.calls) == 0 || d.chance(0.3) {
		d.inner()
	}
	rest := op.calls
	for len(rest) > 0 {
		n := 1
		switch {
		case len(rest) > 1 && d.chance(0.25) && d.either(at, rest[:2]):
			n = 2
		case len(rest) > 1 && d.chance(0.2):
			n = 2
			fmt.Fprintf(&d.b, "          - all:\n")
			for _, c := range rest[:2] {
				fmt.Fprintf(&d.b, "              - %s\n", d.call(at, c, false))
			}
			d.b.WriteString("            parallel: true\n")
		default:
			fmt.Fprintf(&d.b, "          - %s\n", d.call(at, rest[0], true))
		}
		rest = rest[n:]
	}
}

// inner writes a span of the same service.
func (d *drawn) inner() {
	const indent = "            "
	fmt.Fprintf(&d.b, "          - span: work %d\n", d.r.IntN(3))
	d.duration(indent, true, 10)
	if d.chance(0.4) {
		fmt.Fprintf(&d.b, "%serror: 0.0%d\n", indent, 1+d.r.IntN(9))
	}
	if d.chance(0.3) {
		fmt.Fprintf(&d.b, "%sprobability: 0.%d\n", indent, 2+d.r.IntN(7))
	}
	switch d.r.IntN(6) {
	case 0:
		fmt.Fprintf(&d.b, "%sasync: true\n", indent)
	case 1:
		fmt.Fprintf(&d.b, "%scount: {min: 1, max: %d}\n", indent, 2+d.r.IntN(4))
	case 2:
		fmt.Fprintf(&d.b, "%safter: true\n", indent)
	}
}

// either writes a one_of of two calls; false: it cannot be of these.
func (d *drawn) either(at callee, of []callee) bool {
	for _, c := range of {
		if d.services[c.service].protocol == "messaging" {
			return false
		}
	}
	w := []int{1 + d.r.IntN(9), 1 + d.r.IntN(9)}
	d.b.WriteString("          - one_of:\n")
	choice := Choice{Caller: d.full(at)}
	for i, c := range of {
		fmt.Fprintf(&d.b, "              - {call: %q, weight: %d}\n", d.full(c), w[i])
		choice.Names = append(choice.Names, d.full(c))
		choice.Weights = append(choice.Weights, float64(w[i])/float64(w[0]+w[1]))
	}
	d.Choices = append(d.Choices, choice)
	return true
}

// call returns a call. What is alone may be left out, go on by itself, or come again.
func (d *drawn) call(at, to callee, alone bool) string {
	words := []string{fmt.Sprintf("call: %q", d.full(to))}
	add := func(format string, args ...any) { words = append(words, fmt.Sprintf(format, args...)) }
	protocol := d.services[to.service].protocol
	if alone && d.chance(0.5) {
		add("probability: 0.%d", 3+d.r.IntN(6))
	}
	if protocol == "messaging" {
		d.message(add, alone)
		return "{" + strings.Join(words, ", ") + "}"
	}
	switch {
	case alone && d.chance(0.15):
		add("count: {min: 1, max: %d}", 2+d.r.IntN(3))
	case alone && d.chance(0.1):
		add("async: true")
		return "{" + strings.Join(words, ", ") + "}"
	case d.chance(0.3):
		d.Retries = append(d.Retries, Retry{Caller: d.full(at), Callee: d.full(to), Attempts: 2 + d.r.IntN(2)})
		add("retry: {max_attempts: %d, backoff_base_ms: %d}", d.Retries[len(d.Retries)-1].Attempts, 2+d.r.IntN(20))
	}
	if protocol != "none" && d.chance(0.2) {
		add("timeout: %d", 60+d.r.IntN(500))
	}
	if d.chance(0.25) {
		add("optional: true")
	}
	return "{" + strings.Join(words, ", ") + "}"
}

// message adds what calls of consumers may have.
func (d *drawn) message(add func(string, ...any), alone bool) {
	if d.apart++; d.apart > 2 {
		add("trace: same")
	}
	if d.chance(0.5) {
		add("queue: {distribution: log_normal, median_ms: %d, sigma: 0.4}", 10+d.r.IntN(100))
	}
	if alone && d.chance(0.25) {
		add("batch: %d", 2+d.r.IntN(3))
	}
}
