package build

import (
	"slices"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Each turn of a conversation calls the tools that its words ask for.
func TestTurnsCallTheToolsThatTheWordsAskFor(t *testing.T) {
	for _, row := range []struct {
		scenario string
		want     [][]string // by turn
	}{
		{"claim_conversation", [][]string{{"claim_status"}, nil, {"upload_documents"}, {"claim_status"}}},
		{"new_claim_phone_multi_turn", [][]string{{"new_claim"}, {"claim_status"}, {"upload_documents"}, {"claim_status"}}},
	} {
		for _, shape := range []string{ShapeSeparate, ShapeUnified} {
			g := generator(t, compiled(t, bundled(t), Options{Scenarios: []string{row.scenario}, TraceShape: shape}), run(8))
			session := collect(g, 3)
			if len(session) != len(row.want) {
				t.Fatalf("%s: %d requests, want %d", row.scenario, len(session), len(row.want))
			}
			for turn := range session {
				if got := toolsOf(&session[turn]); !slices.Equal(got, row.want[turn]) {
					t.Errorf("%s, %s: turn %d: got %q, want %q", row.scenario, shape, turn, got, row.want[turn])
				}
			}
		}
	}
}

// toolsOf lists the tools that a record calls, in the order of the spans.
func toolsOf(r *otlp.Traces) (tools []string) {
	for i := range r.Spans {
		s := &r.Spans[i]
		if r.Strings.String(s.Name) != "vendor.mcp.tool.execute" {
			continue
		}
		for _, a := range r.Attrs[s.Attrs.Start:s.Attrs.End] {
			if r.Strings.String(a.Key) == "gen_ai.tool.name" {
				tools = append(tools, r.Strings.String(otlp.StringID(a.Word)))
			}
		}
	}
	return tools
}
