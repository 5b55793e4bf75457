package build

import (
	"slices"
	"testing"
)

// The calls that an exchange has for a tool are made in turn, in both shapes alike.
func TestTheCallsOfAnExchangeAreMadeInTurn(t *testing.T) {
	const text = `name: own
context: {tenant: brackenwell, agent: care-assistant-01, mcp_server: phone}
root:
  children:
    - {type: llm.call}
    - {type: mcp.tool.execute, count: 5, attributes: {gen_ai.tool.name: cancel_claim}}
    - {type: mcp.tool.execute, attributes: {gen_ai.tool.name: claim_status}}
    - {type: llm.call}
    - {type: response.compose}
conversation:
  turns:
    - user_input: Drop them.
      llm_response: Done.
      tools:
        cancel_claim:
          - {arguments: {claim: A, reason: other}, result: {claim: A, status: closed}}
          - {arguments: {claim: B, reason: other}, result: {claim: B, status: closed}}
        claim_status: {arguments: {claim: C}, result: {claim: C, status: closed}}
`
	want := []string{
		`{"claim":"A","reason":"other"}`, `{"claim":"B","reason":"other"}`, `{"claim":"A","reason":"other"}`,
		`{"claim":"B","reason":"other"}`, `{"claim":"A","reason":"other"}`, `{"claim":"C"}`,
	}
	for _, shape := range []string{ShapeSeparate, ShapeUnified} {
		in := withDefinition(bundled(t), "own.yaml", text)
		g := generator(t, compiled(t, in, Options{Scenarios: []string{"own"}, TraceShape: shape}), run(8))
		for range 2 { // nothing of a session stays for the next
			session := collect(g, 3)
			r := &session[0]
			var got []string
			for i := range r.Spans {
				if s := &r.Spans[i]; r.Strings.String(s.Name) == "vendor.mcp.tool.execute" {
					arguments, _ := attrsOf(r, s.Attrs)["gen_ai.tool.call.arguments"].(string)
					got = append(got, arguments)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: got %q, want %q", shape, got, want)
			}
		}
	}
}
