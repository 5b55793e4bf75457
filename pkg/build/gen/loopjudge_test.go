package gen_test

import (
	"maps"
	"slices"
	"strings"
)

// judge names the rules of the loop that an agent's work breaks.
func judge(x *agentTurn) (broken []string) {
	must := func(ok bool, rule string) {
		if !ok && !slices.Contains(broken, rule) {
			broken = append(broken, rule)
		}
	}
	var before *step // latest model call that has not failed
	var tools []*step
	x.seen = map[string]int64{}
	if x.before != nil {
		maps.Copy(x.seen, x.before.seen)
	}
	must(len(x.steps) == 0 || !x.steps[0].model || opens(x), "opening")
	for i := range x.steps {
		s := &x.steps[i]
		if !s.model {
			tools = append(tools, s)
			must((s.result == "") == (s.failed || s.arguments == ""), "result")
			continue
		}
		if before != nil && s.input != nil {
			judgeNext(x, before, tools, s, must)
		}
		judgeCall(s, x.seen[s.asks], must)
		if s.failed {
			must(i+1 == len(x.steps) || x.steps[i+1].model, "goes on")
			must(i+1 == len(x.steps) || slices.Equal(x.steps[i+1].input, s.input) && (x.steps[i+1].in == s.in || x.steps[i+1].asks != s.asks), "attempts")
			continue
		}
		before, tools, x.seen[s.asks] = s, nil, s.in
	}
	judgeEnd(x, before, tools, must)
	return broken
}

func (x *agentTurn) last() *step {
	out := &step{}
	for i := range x.steps {
		if s := &x.steps[i]; s.model {
			out = s
		}
	}
	return out
}

// opens reports whether the first input is what it has to be: a message of
// a user, after the turns before where the conversation is told in full.
func opens(x *agentTurn) bool {
	in := x.steps[0].input
	if in == nil {
		return true
	}
	if !x.full || x.before == nil {
		return len(in) == 1 && strings.HasPrefix(in[0], `{"role":"user"`)
	}
	last := x.before.last()
	past := slices.Concat(last.input, last.output)
	return compacted(in) || len(in) == len(past)+1 && slices.Equal(in[:len(past)], past)
}

func compacted(in []string) bool { return strings.Contains(in[0], `"type":"compaction"`) }

// judgeCall judges a model call by itself.
func judgeCall(s *step, seen int64, must func(bool, string)) {
	if s.failed {
		must(s.output == nil && s.finish == "error" && s.out == 0, "failed call")
		return
	}
	must(s.read <= min(seen, s.in), "cache")
	must(s.reasoning <= s.out, "reasoning")
}

// judgeNext judges two model calls that follow each other, and the tools between.
func judgeNext(x *agentTurn, before *step, tools []*step, s *step, must func(bool, string)) {
	chosen := partsOf(before.output)
	must(s.in > before.in || s.asks != before.asks || compacted(s.input), "tokens grow")
	if len(tools) == 0 {
		must(before.finish == "stop" && len(chosen) == 1 && chosen[0].Type == "text", "nothing chosen")
	} else {
		must(before.finish == "tool_call" && len(chosen) == len(tools) && before.asked == int64(len(tools)), "chosen")
	}
	for i, tool := range tools {
		must(tool.start >= before.end && tool.end <= s.start, "order")
		if i < len(chosen) && len(chosen) == len(tools) {
			c := chosen[i]
			must(c.Type == "tool_call" && c.ID == tool.id && c.Name == tool.name && string(c.Arguments) == tool.arguments, "request")
		}
	}
	past := slices.Concat(before.input, before.output)
	rest := s.input
	if !compacted(s.input) {
		ok := len(rest) >= len(past) && slices.Equal(rest[:len(past)], past)
		must(ok, "verbatim")
		if !ok {
			return
		}
		rest = rest[len(past):]
	} else {
		must(!strings.HasPrefix(rest[1], `{"role":"tool"`), "parted")
		must(slices.Equal(rest[1:len(rest)-len(tools)], past[max(0, len(past)-(len(rest)-1-len(tools))):]), "verbatim")
		rest = rest[len(rest)-len(tools):]
	}
	responses := partsOf(rest)
	must(len(responses) == len(tools), "responses")
	for i, r := range responses {
		if i >= len(tools) {
			break
		}
		must(r.Type == "tool_call_response" && r.ID == tools[i].id, "responses")
		must(tools[i].failed == strings.HasPrefix(string(r.Response), `{"error":`), "failure")
		must(tools[i].failed || string(r.Response) == tools[i].result, "response")
	}
}

// judgeEnd judges how the work ends.
func judgeEnd(x *agentTurn, before *step, tools []*step, must func(bool, string)) {
	ids := map[string]bool{}
	for i := range x.steps {
		if s := &x.steps[i]; !s.model {
			must(!ids[s.id], "id twice")
			ids[s.id] = true
		}
	}
	if n := len(x.steps); n > 0 && x.steps[n-1].model && x.steps[n-1].failed {
		must(x.composed != 1, "composed without an answer")
		return
	}
	if before == nil {
		return
	}
	must(before.finish == "stop", "answer")
	if before.output != nil {
		p := partsOf(before.output)
		must(len(p) == 1 && p[0].Type == "text", "answer")
	}
}
