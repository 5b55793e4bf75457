package learn

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/profile"
)

// noting gives the spans of the first class of a system events, one after the other, each of a
// name and a value.
func noting(h *hand, spans uint64, names, values []string) {
	c := h.Classes[10]
	c.Steps = map[string]*profile.Event{}
	for i, name := range names {
		e := &profile.Event{Count: spans, Spans: spans, Traces: spans, Attributes: map[string]*profile.Attribute{}}
		if values[i] != "" {
			e.Attributes["stage"] = texts("stage", spans, values[i])
		}
		c.Steps[profile.StepKey(i, name)] = e
		if all := c.Events[name]; all != nil {
			all.Count += spans
			continue
		}
		c.Events[name] = &profile.Event{Count: spans, Spans: spans, Traces: spans, Attributes: map[string]*profile.Attribute{}}
	}
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// TestEventsAreLearntInTheirOrder: where all spans have the same events one after the other, so
// do those that are made, each with what it has at its place; else each name is there once, and
// the earliest first.
func TestEventsAreLearntInTheirOrder(t *testing.T) {
	names, values := []string{"start", "end", "start", "end", "tick", "tick"}, []string{"parse", "parse", "store", "store", "", ""}
	h := small()
	noting(h, 950, names, values)
	says(t, "all of them", oneLine(learntOf(t, h)), []string{
		"- {name: start, attributes: {stage: parse}} - {name: end, attributes: {stage: parse}} " +
			"- {name: start, attributes: {stage: store}} - {name: end, attributes: {stage: store}} - {name: tick, count: 2}",
	}, nil)
	h = small()
	noting(h, 600, names, values)
	says(t, "some of them", oneLine(learntOf(t, h)), []string{
		"- {name: start, count: 2, probability: 0.632} - {name: end, count: 2, probability: 0.632} - {name: tick, count: 2, probability: 0.632}",
	}, []string{"stage"})
}
