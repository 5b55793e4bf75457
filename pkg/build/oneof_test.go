package build

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// eachCall counts the tools that are called, and fails unless their uuids are
// those of the names.
func eachCall(t *testing.T, definition string, n uint64) (tools, attempts map[string]int, perRequest []map[string]int) {
	t.Helper()
	tools, attempts = map[string]int{}, map[string]int{}
	uuids := map[string]string{}
	eachRequest(t, bundled(t), definition, n, func(_ uint64, spans []spanView) {
		of := map[string]int{}
		for _, s := range spans {
			name := fmt.Sprint(s.attrs["gen_ai.tool.name"])
			switch s.class {
			case "mcp.tool.execute":
				tools[name]++
				of[name]++
				uuid := fmt.Sprint(s.attrs["vendor.mcp.tool.uuid"])
				if before, ok := uuids[name]; ok && before != uuid {
					t.Fatalf("%s has uuids %s and %s", name, before, uuid)
				}
				uuids[name] = uuid
			case "mcp.tool.execute.attempt":
				call := fmt.Sprint(spans[s.parent].attrs["gen_ai.tool.name"])
				attempts[call]++
			}
		}
		perRequest = append(perRequest, of)
	})
	if len(slices.Compact(slices.Sorted(maps.Values(uuids)))) != len(uuids) {
		t.Errorf("tools share uuids: %v", uuids)
	}
	return tools, attempts, perRequest
}

// Which of several nodes stands at a place is drawn by weight, for each
// repetition anew, and all that belongs to the node comes with it.
func TestOneOfSeveralNodesStandsAtAPlace(t *testing.T) {
	tools, attempts, perRequest := eachCall(t, statHead+`
root:
  children:
    - type: task.execute
      children:
        - count: {distribution: categorical, values: {1: 1, 2: 1}}
          probability: 0.9
          one_of:
            - {weight: 6, type: mcp.tool.execute, attributes: {gen_ai.tool.name: pay}}
            - {weight: 3, type: mcp.tool.execute, attributes: {gen_ai.tool.name: claim_status}, retry: {max_attempts: 2, force_initial_failure: true}}
            - {weight: 0, type: mcp.tool.execute, attributes: {gen_ai.tool.name: cancel_claim}}
            - {type: rag.retrieve}
`, 20_000)
	all, mixed, twice := 0, 0, 0
	for _, of := range perRequest {
		if n := of["pay"] + of["claim_status"]; n == 2 {
			twice++
			if len(of) == 2 {
				mixed++
			}
		}
	}
	all = tools["pay"] + tools["claim_status"]
	if tools["cancel_claim"] > 0 {
		t.Errorf("a node of weight 0 stands there %d times", tools["cancel_claim"])
	}
	if attempts["pay"] != tools["pay"] || attempts["claim_status"] != 2*tools["claim_status"] {
		t.Errorf("%v attempts of %v calls, want one and two each", attempts, tools)
	}
	checkShare(t, "calls of pay", tools["pay"], all, 6.0/9)
	checkShare(t, "requests of two calls", twice, len(perRequest), 0.9/2*0.81)
	checkShare(t, "two calls of two tools", mixed, twice, 2*6*3/81.0)
}

// A pattern of errors takes what can stand at one place for one call.
func TestErrorPatternsCountPlaces(t *testing.T) {
	first, second := 0, 0
	const text = "name: own\ncontext: {tenant: brackenwell, agent: care-assistant-01, mcp_server: phone, error_pattern: first_tool_failure, error_config: {rate: 1}}\n" + `
root:
  children:
    - type: task.execute
      children:
        - one_of:
            - {type: mcp.tool.execute, attributes: {gen_ai.tool.name: pay}}
            - {type: mcp.tool.execute, attributes: {gen_ai.tool.name: claim_status}}
        - {type: mcp.tool.execute, attributes: {gen_ai.tool.name: new_claim}}
`
	eachRequest(t, bundled(t), text, 200, func(_ uint64, spans []spanView) {
		for _, s := range spans {
			if failed := s.attrs["error.type"] != nil; failed && s.class == "mcp.tool.execute" {
				if s.attrs["gen_ai.tool.name"] == "new_claim" {
					second++
				} else {
					first++
				}
			}
		}
	})
	if first != 200 || second != 0 {
		t.Errorf("of 200 requests, the first call fails in %d and the second in %d", first, second)
	}
}

// The worst case of a place is that of the largest node that can stand there.
func TestPlacesCountOnceInTheWorstCase(t *testing.T) {
	const text = statHead + `
root:
  children:
    - count: 900
      one_of:
        - {type: task.execute, children: [{type: rag.retrieve, count: 9}]}
        - {type: task.execute, children: [{type: rag.retrieve, count: 7}]}
        - {type: planner, weight: 0}
`
	p := compiled(t, withDefinition(bundled(t), "own.yaml", text), Options{Scenarios: []string{"own"}})
	if got := p.Scenarios()[0].Spans; got != 1+900*10 {
		t.Errorf("got %d spans at most, want %d", got, 1+900*10)
	}
}

func TestWhatStandsApartRunsWhenItIsAskedFor(t *testing.T) {
	mix := bundledPlan(t)
	const text = "name: apart\nin_mix: false\ntags: [Alone, data-plane]\ncontext: {tenant: brackenwell, agent: care-assistant-01}\nroot: {children: [{type: planner}]}\n"
	in := withDefinition(bundled(t), "apart.yaml", text)
	if p := compiled(t, in, Options{}); p.Digest() != mix.Digest() {
		t.Error("it moves the mix")
	}
	for _, row := range []struct {
		what string
		o    Options
		runs bool
	}{
		{"nothing", Options{}, false},
		{"each once", Options{EachOnce: true}, false},
		{"its name", Options{Scenarios: []string{"apart"}}, true},
		{"two names", Options{Scenarios: []string{"apart", "with_rag"}}, true},
		{"another name", Options{Scenarios: []string{"with_rag"}}, false},
		{"a tag of its own", Options{Tags: []string{"alone"}}, true},
		{"a tag of others, too", Options{Tags: []string{"data-plane"}}, true},
		{"its name and a tag that it lacks", Options{Scenarios: []string{"apart", "with_rag"}, Tags: []string{"rag"}}, false},
	} {
		p := compiled(t, in, row.o)
		if got := slices.ContainsFunc(p.Scenarios(), func(s ScenarioInfo) bool { return s.Name == "apart" }); got != row.runs {
			t.Errorf("asked for %s: it runs: %v, want %v", row.what, got, row.runs)
		}
	}
	var p input.Problems
	listed := Validate(in, "", &p)
	if listed == nil || !slices.ContainsFunc(listed.Scenarios, func(s ScenarioInfo) bool { return s.Name == "apart" && s.Apart }) {
		t.Error("it is not listed as what it is")
	}
}
