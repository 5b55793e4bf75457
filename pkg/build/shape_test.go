package build

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// sessionOf collects copies of the requests of one iteration of a scenario.
func sessionOf(t *testing.T, in Inputs, scenario string) []otlp.Traces {
	t.Helper()
	g := generator(t, compiled(t, in, Options{Scenarios: []string{scenario}}), run(8))
	return collect(g, 3)
}

func collect(g *Generator, i uint64) []otlp.Traces {
	var out []otlp.Traces
	g.Iteration(i, func(t *otlp.Traces) {
		c := *t
		c.Spans, c.Attrs, c.Events = slices.Clone(t.Spans), slices.Clone(t.Attrs), slices.Clone(t.Events)
		c.Links, c.Resources, c.Text = slices.Clone(t.Links), slices.Clone(t.Resources), slices.Clone(t.Text)
		out = append(out, c)
	})
	return out
}

// outline draws the traces of a record: name, kind and status, by depth.
func outline(t *otlp.Traces) string {
	var out strings.Builder
	depth := map[otlp.SpanID]int{}
	kinds := []string{"?", "internal", "server", "client"}
	for _, s := range t.Spans {
		d := 0
		if s.ParentID != (otlp.SpanID{}) {
			d = depth[s.ParentID] + 1
		}
		depth[s.SpanID] = d
		fmt.Fprintf(&out, "%s%s %s %d\n", strings.Repeat("  ", d), t.Strings.String(s.Name), kinds[s.Kind], s.Status)
	}
	return out.String()
}

func TestAllowedRequestIsThreeTraces(t *testing.T) {
	const want = `vendor.request.validation server 0
  vendor.validation.payload internal 0
  vendor.validation.policy internal 0
  vendor.augmentation internal 0
vendor.a2a.orchestrate server 0
  vendor.planner internal 0
  vendor.task.execute internal 0
    vendor.llm.call client 0
  vendor.task.execute internal 0
    vendor.tools.recommend internal 0
  vendor.task.execute internal 0
    vendor.mcp.tool.execute client 0
      vendor.mcp.tool.execute.attempt client 0
        vendor.mcp.tool.serve server 0
  vendor.task.execute internal 0
    vendor.llm.call client 0
  vendor.response.compose internal 0
vendor.response.validation server 0
  vendor.validation.policy internal 0
`
	session := sessionOf(t, bundled(t), "new_claim_phone")
	if len(session) != 1 {
		t.Fatalf("%d requests, want 1", len(session))
	}
	if got := outline(&session[0]); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestBlockedRequestIsOneTrace(t *testing.T) {
	const want = `vendor.request.validation server 0
  vendor.validation.payload internal 0
  vendor.validation.policy internal 0
`
	r := &sessionOf(t, bundled(t), "request_blocked_by_policy")[0]
	if got := outline(r); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	root := attrsOf(r, r.Spans[0].Attrs)
	if root["vendor.request.outcome"] != "blocked" || root["vendor.block.reason"] != "request_policy" {
		t.Errorf("root says %v, %v", root["vendor.request.outcome"], root["vendor.block.reason"])
	}
}

// TestLinksPointBackwards: orchestration to request, response to
// orchestration, and a turn's request to the last root of the turn before.
func TestLinksPointBackwards(t *testing.T) {
	var roots []otlp.Span
	var links []otlp.Link
	for _, r := range sessionOf(t, bundled(t), "claim_conversation") {
		for _, s := range r.Spans {
			if s.ParentID != (otlp.SpanID{}) {
				if s.Links.Len() > 0 {
					t.Error("a span below a root has a link")
				}
				continue
			}
			roots = append(roots, s)
			if s.Links.Len() > 1 {
				t.Fatalf("root %d has %d links", len(roots), s.Links.Len())
			}
			link := otlp.Link{}
			if s.Links.Len() == 1 {
				link = r.Links[s.Links.Start]
			}
			links = append(links, link)
		}
	}
	if len(roots) != 12 {
		t.Fatalf("%d roots, want 3 in each of 4 turns", len(roots))
	}
	for i := range roots {
		if i == 0 {
			if links[0] != (otlp.Link{}) {
				t.Error("the first root of a session links somewhere")
			}
			continue
		}
		if links[i].TraceID != roots[i-1].TraceID || links[i].SpanID != roots[i-1].SpanID {
			t.Errorf("root %d does not link to the one before", i)
		}
		if roots[i].Start < roots[i-1].End {
			t.Errorf("root %d starts before the one before has ended", i)
		}
	}
}

func TestTracesOfARequestNameEachOther(t *testing.T) {
	for _, r := range sessionOf(t, bundled(t), "claim_conversation") {
		var ids []string
		var attrs []map[string]any
		for _, s := range r.Spans {
			if s.ParentID == (otlp.SpanID{}) {
				ids = append(ids, fmt.Sprintf("%x", s.TraceID))
				attrs = append(attrs, attrsOf(&r, s.Attrs))
			}
		}
		for _, c := range []struct {
			root      int
			key, want string
		}{
			{1, "vendor.cp.incoming_trace_id", ids[0]},
			{2, "vendor.cp.incoming_trace_id", ids[0]},
			{2, "vendor.dp.trace_id", ids[1]},
			{2, "vendor.cp.outgoing_trace_id", ids[2]},
		} {
			if attrs[c.root][c.key] != c.want {
				t.Errorf("root %d: %s = %v, want %s", c.root, c.key, attrs[c.root][c.key], c.want)
			}
		}
	}
}

func TestSessionIsOneUserAndManyRequests(t *testing.T) {
	sessions, users := map[any]bool{}, map[any]bool{}
	requests, calls := map[any]bool{}, map[any]int{}
	for _, r := range sessionOf(t, bundled(t), "claim_conversation") {
		for _, s := range r.Spans {
			a := attrsOf(&r, s.Attrs)
			sessions[a["vendor.session.id"]] = true
			requests[a["vendor.request.id"]] = true
			if a["gen_ai.conversation.id"] != a["vendor.session.id"] {
				t.Error("the conversation is not the session")
			}
			if u, ok := a["vendor.enduser.pseudo.id"]; ok {
				users[u] = true
			}
			if r.Strings.String(s.Name) == "vendor.mcp.tool.execute" {
				calls[a["vendor.mcp.tool.call.id"]]++
			}
		}
		for _, res := range r.Resources {
			if id, ok := attrsOf(&r, res.Attrs)["vendor.session.id"]; ok {
				t.Errorf("a resource is that of session %v", id)
			}
		}
	}
	if len(sessions) != 1 || len(users) != 1 || len(requests) != 4 {
		t.Errorf("%d sessions, %d users, %d requests; want 1, 1, 4", len(sessions), len(users), len(requests))
	}
	for id, n := range calls {
		if n != 1 {
			t.Errorf("tool call id %v used %d times", id, n)
		}
	}
}

func TestFlagsSayWhereTheParentIs(t *testing.T) {
	for _, r := range sessionOf(t, bundled(t), "diagnose_device") {
		for _, s := range r.Spans {
			want := otlp.FlagSampled
			if s.ParentID != (otlp.SpanID{}) {
				want |= otlp.FlagHasIsRemote
			}
			if r.Strings.String(s.Name) == "vendor.mcp.tool.serve" {
				want |= otlp.FlagIsRemote
			}
			if s.Flags != want {
				t.Errorf("span %s: flags %x, want %x", r.Strings.String(s.Name), s.Flags, want)
			}
		}
	}
}
