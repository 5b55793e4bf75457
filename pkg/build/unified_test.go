package build

import (
	"fmt"
	"slices"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// lines are the spans of a request without what its shape decides: ids, starts
// and the attributes that name traces.
func lines(r *otlp.Traces) (out []string, roots int) {
	for _, s := range r.Spans {
		a := attrsOf(r, s.Attrs)
		if a["vendor.span.class"] == "cp.request" {
			roots++
			continue
		}
		if a["vendor.span.class"] == "a2a.forward" {
			continue // between the two halves
		}
		for _, key := range []string{"vendor.cp.incoming_trace_id", "vendor.cp.outgoing_trace_id", "vendor.dp.trace_id"} {
			delete(a, key)
		}
		out = append(out, fmt.Sprint(r.Strings.String(s.Name), s.End-s.Start, s.Status, a))
	}
	return out, roots
}

// One trace or three: durations, outcomes and attributes are the same.
func TestUnifiedTracesDifferInShapeOnly(t *testing.T) {
	const n = 600
	separate := generator(t, bundledPlan(t), run(n))
	unified := generator(t, compiled(t, bundled(t), Options{TraceShape: ShapeUnified}), run(n))
	failed := 0
	for i := range uint64(n) {
		var want [][]string
		separate.Iteration(i, func(r *otlp.Traces) {
			l, _ := lines(r)
			want = append(want, l)
		})
		turn := 0
		info := unified.Iteration(i, func(r *otlp.Traces) {
			got, roots := lines(r)
			if roots != 1 || !slices.Equal(got, want[turn]) {
				t.Fatalf("iteration %d, turn %d: %d roots, got\n%v\nwant\n%v", i, turn, roots, got, want[turn])
			}
			turn++
			root := r.Spans[0]
			children := false
			for _, s := range r.Spans {
				if s.TraceID != root.TraceID || s.SpanID != root.SpanID && (s.Start < root.Start || s.End > root.End) {
					t.Fatalf("iteration %d: a span is outside of the trace", i)
				}
				children = children || s.ParentID == root.SpanID && s.Status == otlp.StatusError
			}
			if (root.Status == otlp.StatusError) != children {
				t.Fatalf("iteration %d: root has status %d, a part failed: %v", i, root.Status, children)
			}
			if children {
				failed++
			}
		})
		if turn != len(want) || len(info.Traces) != len(want) {
			t.Fatalf("iteration %d: %d turns and %d traces, want %d", i, turn, len(info.Traces), len(want))
		}
	}
	if failed == 0 {
		t.Error("no request failed")
	}
}
