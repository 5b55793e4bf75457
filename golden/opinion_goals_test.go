package golden

import (
	"slices"
	"testing"
)

// goal is how each request of a scenario that fails on purpose must end.
type goal struct {
	scenario          string
	outcome, response string   // of the work, and of its answer
	errors            []string // what the failed attempts may have, or none fails
	codes             []int64  // HTTP status of the failed attempts, if they have one
	composed          bool     // whether the answer is put together
	why               string   // error.type of the turn
}

// TestGoalsEndAsTheyMust holds the four goals to their ends: a mistake in a
// call of a tool spoils its task and not the turn; an answer that cannot be
// given, or must not, spoils the turn.
func TestGoalsEndAsTheyMust(t *testing.T) {
	dependOnTree(t)
	words := generator(t)
	right := servers(collect(t, words, "otelsim-gen --seed 21 -n 1 --scenario new_claim_phone"), false)
	for _, g := range []goal{
		{"4xx_invalid_arguments", "partial", "allowed", []string{"invalid_arguments"}, []int64{400, 404, 422}, true, ""},
		{"wrong_division", "partial", "allowed", []string{"tool_error"}, nil, true, ""},
		{"partial_workflow", "error", "error", nil, nil, false, "tool_error"},
		{"ungrounded_response", "error", "error", nil, nil, false, "unavailable"},
	} {
		e := collect(t, words, "otelsim-gen --seed 21 -n 20 --scenario "+g.scenario)
		c := &court{evidence: e, seen: make(map[string]int), traces: make(map[string][]*span)}
		c.collect()
		turns := 0
		for _, id := range c.order {
			c.join(c.traces[id])
			for _, s := range c.traces[id] {
				if s.is("a2a.orchestrate") {
					turns++
				}
				c.goal(s, g)
			}
		}
		if turns != 20 {
			t.Errorf("%s: %d turns of work, want 20", g.scenario, turns)
		}
		bad := servers(e, true)
		if (len(bad) > 0) != (g.errors != nil) || g.errors != nil && len(bad) < turns {
			t.Errorf("%s: %d calls of tools fail in %d turns", g.scenario, len(bad), turns)
		}
		for _, b := range bad {
			if g.scenario == "wrong_division" && slices.Contains(right, b) {
				t.Errorf("%s: a call fails at %s, which is the right server for phones", g.scenario, b)
			}
		}
		for _, f := range summary(c.found) {
			t.Errorf("%s: %s", g.scenario, f)
		}
	}
}

func (c *court) goal(s *span, g goal) {
	switch {
	case s.is("response.validation"):
		c.must(s.get("response.outcome") == g.response, s, "%s, want %s", s.get("response.outcome"), g.response)
	case s.is("a2a.orchestrate"):
		c.must(s.get("a2a.outcome") == g.outcome, s, "%s, want %s", s.get("a2a.outcome"), g.outcome)
		answers := s.named("response.compose")
		c.must(g.composed == (len(answers) == 1 && !answers[0].failed()), s, "the answer is put together: want %t", g.composed)
		c.must(s.attrs.str("error.type") == g.why, s, "error.type %q, want %q", s.attrs["error.type"], g.why)
	case s.is("mcp.tool.execute.attempt") && s.failed():
		ok := false
		for _, e := range g.errors {
			ok = ok || s.attrs["error.type"] == e
		}
		c.must(ok, s, "error.type %s", s.attrs["error.type"])
		code, has := s.attrs["http.response.status_code"].(int64)
		ok = !has || g.codes == nil
		for _, w := range g.codes {
			ok = ok || code == w
		}
		c.must(ok, s, "HTTP status %d", code)
	}
}

// servers returns the servers of the calls of tools that failed, or went well.
func servers(e *evidence, failed bool) (out []string) {
	c := &court{evidence: e, seen: make(map[string]int), traces: make(map[string][]*span)}
	c.collect()
	for _, id := range c.order {
		c.join(c.traces[id])
		for _, s := range c.traces[id] {
			if s.is("mcp.tool.execute") && s.failed() == failed {
				out = append(out, s.get("mcp.server.uuid"))
			}
		}
	}
	return out
}
