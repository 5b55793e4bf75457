package golden

import (
	"strings"
	"testing"
)

// vocabulary is one of those that come with the project.
type vocabulary struct {
	name  string
	lines []string // commands: their corpora hold all types of spans

	traces [][]*observed // see gather
}

// Every scenario once with its words, in both shapes, and many sessions.
var vocabularies = []vocabulary{
	{name: "vendor", lines: []string{
		"otelsim-gen --seed 21 --each-once --content raw --signals traces",
		"otelsim-gen --seed 22 --each-once --trace-shape unified --signals traces",
		"otelsim-gen --seed 23 -n 300 --signals traces",
		"otelsim-gen --seed 24 --each-once --content none --signals traces",
		"otelsim-gen --seed 25 -n 6 --tags agent --signals traces",
	}},
	{name: "genai", lines: []string{
		"otelsim-gen --seed 21 --each-once --content raw --signals traces --semconv genai",
		"otelsim-gen --seed 22 --each-once --trace-shape unified --signals traces --semconv genai",
		"otelsim-gen --seed 23 -n 300 --signals traces --semconv genai",
		"otelsim-gen --seed 24 --each-once --content none --signals traces --semconv genai",
		"otelsim-gen --seed 25 -n 6 --tags agent --signals traces --semconv genai",
	}},
}

// gather returns the traces of a vocabulary's corpora, and of the golden cases
// that are in it. They are gathered once, and nobody may change them.
func (v *vocabulary) gather(t *testing.T, words []string) [][]*observed {
	t.Helper()
	if v.traces == nil {
		v.traces = v.gatherOnce(t, words)
	}
	return v.traces
}

func (v *vocabulary) gatherOnce(t *testing.T, words []string) (traces [][]*observed) {
	t.Helper()
	for _, line := range v.lines {
		traces = append(traces, observe(collect(t, words, line))...)
	}
	for _, name := range ofAgents(t) {
		line := read(t, name, "cmd")
		if strings.Contains(line, "--semconv genai") == (v.name == "genai") && !strings.Contains(line, "--shard") {
			traces = append(traces, observe(collect(t, words, line))...)
		}
	}
	return traces
}

// TestBackends holds the genai vocabulary to what backends make of it: the model
// calls, tools and agents that there are and no other, each under its own
// name, one tree of agents a turn, the session and the user.
func TestBackends(t *testing.T) {
	dependOnTree(t)
	words := generator(t)
	v := &vocabularies[1]
	traces := v.gather(t, words)
	for _, check := range []func([][]*observed) []complaint{misread, untreed, unnamed} {
		for _, line := range summary(check(traces)) {
			t.Error(line)
		}
	}
	edges, astray := unreplayable(traces)
	for _, line := range summary(astray) {
		t.Error(line)
	}
	if edges == 0 {
		t.Error("no model call has an earlier answer in its input")
	}
	requests, found := unpaired(traces)
	for _, line := range summary(found) {
		t.Error(line)
	}
	if requests == 0 {
		t.Error("no tool server is asked for anything")
	}
}
