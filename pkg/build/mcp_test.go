package build

import (
	"fmt"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Both sides of a request to a tool server say the same of it. A session keeps its
// connection to a server, of revisions of MCP that have such, and each attempt is a
// request of its own, numbered from the third on.
func TestRequestsToToolServersAreNumbered(t *testing.T) {
	in := bundled(t)
	for _, row := range []struct {
		server, version string
		sessions        bool
	}{{"phone", "2025-06-18", true}, {"appliances", "2026-07-28", false}, {"electronics", "2025-11-25", true}} {
		type said struct{ number, connection, version, transport any }
		attempts := make(map[otlp.SpanID]said)
		connections := make(map[any]any)
		numbers := make(map[string]bool)
		served := 0
		each(t, in, fmt.Sprintf("context: {tenant: brackenwell, agent: care-assistant-01, mcp_server: %s}\n", row.server)+
			"conversation: {turns: [{user_input: a, llm_response: b}, {user_input: c, llm_response: d}]}\n"+
			"root: {children: [{type: mcp.tool.execute, count: 2, error: 0.3, retry: {max_attempts: 2}}]}\n",
			func(a map[string]any, s *otlp.Span, _ *otlp.Traces) {
				x := said{a["jsonrpc.request.id"], a["mcp.session.id"], a["mcp.protocol.version"], a["network.transport"]}
				session := a["vendor.session.id"]
				switch a["vendor.span.class"] {
				case "mcp.tool.execute.attempt":
					attempts[s.SpanID] = x
					if key := fmt.Sprint(session, " ", x.number); numbers[key] {
						t.Fatalf("two requests are %s", key)
					} else {
						numbers[key] = true
					}
				case "mcp.tool.serve":
					served++
					if x != attempts[s.ParentID] {
						t.Fatalf("one side says %v, the other %v", attempts[s.ParentID], x)
					}
				default:
					return
				}
				if x.version != row.version || x.transport != "tcp" || (x.connection != nil) != row.sessions {
					t.Fatalf("%s: got %v", row.server, x)
				}
				if was, ok := connections[session]; ok && was != x.connection {
					t.Errorf("a session has the connections %v and %v", was, x.connection)
				}
				connections[session] = x.connection
			})
		different := make(map[any]bool)
		for session, c := range connections {
			different[c] = true
			for n := range 4 {
				if key := fmt.Sprint(session, " ", n+3); !numbers[key] {
					t.Errorf("no request is %s", key)
				}
			}
		}
		if served == 0 || row.sessions && len(different) != len(connections) {
			t.Errorf("%s: %d served, %d connections of %d sessions", row.server, served, len(different), len(connections))
		}
	}
}

// A call that goes to the wrong division says so wherever it speaks of the server.
func TestCallsOfTheWrongDivisionSayWhereTheyGo(t *testing.T) {
	phone := map[string]bool{"4bc66a50-bd39-43db-94f3-b9648421442e": true}
	right, wrong := 0, 0
	servers := make(map[any]any)
	each(t, bundled(t), who+"data_plane: {workflow: new_claim, simulation_goal: wrong_division}\n", func(a map[string]any, s *otlp.Span, r *otlp.Traces) {
		if a["vendor.span.class"] != "mcp.tool.serve" {
			return
		}
		uuid := texts(a["vendor.mcp.server.uuid"])
		if phone[uuid] {
			right++
		} else {
			wrong++
		}
		for k := range r.Spans {
			if p := &r.Spans[k]; p.SpanID == s.ParentID {
				x := attrsOf(r, p.Attrs)
				key := fmt.Sprint(x["server.address"], " ", x["server.port"], " ", x["mcp.protocol.version"], " ", x["mcp.session.id"] != nil)
				if was, ok := servers[uuid]; ok && was != key {
					t.Errorf("%s is at %v and at %s", uuid, was, key)
				}
				servers[uuid] = key
			}
		}
	})
	seen := make(map[any]bool)
	for _, key := range servers {
		seen[key] = true
	}
	if wrong == 0 || len(seen) != len(servers) {
		t.Errorf("%d right, %d wrong, %v", right, wrong, servers)
	}
}
