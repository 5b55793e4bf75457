package conform

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// trees judges what the spans of a trace say together.
func (k *Checker) trees() {
	r := &k.record
	// Children come to know of trouble before their parents are asked, whatever
	// the order of the spans.
	for i := range r.spans {
		k.superseded(i)
	}
	for i := range r.spans {
		if r.spans[i].failed && !r.spans[i].replaced && r.spans[i].system == 0 {
			k.tell(i)
		}
	}
	for i := range r.spans {
		if r.spans[i].system > 0 {
			continue
		}
		k.stands(i)
		k.inside(i)
		k.peer(i)
		switch r.spans[i].rules.class {
		case classRequest:
			k.requested(i)
		case classResponse:
			k.responded(i)
		case classUnified:
			k.enclosed(i)
		case classOrchestrate:
			k.orchestrated(i)
		case classTask:
			k.unique(i, slotTaskID, "task-id")
			k.task(i)
		case classTool:
			k.unique(i, slotCall, "call-id-unique")
			k.tool(i)
		}
	}
	for i := range r.spans {
		if r.spans[i].rules.class == classBridge {
			k.bridge(i)
		}
	}
	k.dialogues()
}

// superseded marks the calls below a span that failed and were made again:
// all attempts but the last, and calls of a model before another one of the
// same task.
func (k *Checker) superseded(i int) {
	r := &k.record
	switch r.spans[i].rules.class {
	case classTool, classTask:
	default:
		return
	}
	latest := [numClasses]int{} // one more than the index
	for c := r.child(i); c >= 0; c = r.sibling(c) {
		class := r.spans[c].rules.class
		if class != classAttempt && class != classLLM {
			continue
		}
		if n := latest[class]; n > 0 && r.spans[n-1].failed {
			r.spans[n-1].replaced = true
		}
		latest[class] = c + 1
	}
}

// tell lets the spans around a failure know of it, up to what was tried again.
func (k *Checker) tell(i int) {
	r := &k.record
	for p := r.spans[i].parent; p >= 0 && !r.spans[p].trouble; p = r.spans[p].parent {
		r.spans[p].trouble = true
		if r.spans[p].replaced {
			return
		}
	}
}

// stands judges where a span stands: what it is the root of, or the child of.
func (k *Checker) stands(i int) {
	r := &k.record
	x := &r.spans[i]
	if !x.rules.known {
		return
	}
	switch {
	case x.parent == isOrphan:
		k.fail(i, "span-orphan", "its parent is not in the record")
		return
	case x.parent == isRoot:
		if !x.rules.typ.Root {
			k.fail(i, "span-root", "a span of type %s is the root of a trace", x.rules.bare)
		}
		return
	}
	if r.spans[x.parent].system > 0 {
		k.visited(i)
		return
	}
	parent := r.spans[x.parent].rules
	within := parent.class == classUnified && x.rules.typ.Root && x.rules.class != classUnified
	if !within && len(x.rules.typ.Parents) > 0 && !slices.Contains(x.rules.typ.Parents, parent.bare) ||
		!within && len(x.rules.typ.Parents) == 0 && x.rules.typ.Root {
		k.fail(i, "span-parent", "a span of type %s stands below one of type %s", x.rules.bare, parent.bare)
		return
	}
	if parent.class != classTask {
		return
	}
	want := taskTypes[x.rules.class]
	if have := r.word(int(x.parent), slotTaskType); want != "" && have != "" && have != "other" && have != want {
		k.fail(i, "task-type", "a span of type %s stands below a task of type %q, want %q", x.rules.bare, have, want)
	}
}

// taskTypes are the types of the tasks that spans stand below; one of another
// type may do anything.
var taskTypes = [numClasses]string{
	classLLM: "llm_call", classBridge: "llm_call", classRecommend: "tool_recommendation", classTool: "tool_execution",
	classAugment: "context_augmentation", classRetrieve: "context_augmentation",
}

// inside judges the times of a span.
func (k *Checker) inside(i int) {
	r := &k.record
	s := &r.t.Spans[i]
	if parent := k.around(i); parent != nil && (s.Start < parent.Start || s.End > parent.End && !k.unwaited(i)) {
		k.fail(i, "time-parent", "is not inside its parent %s", r.spans[r.spans[i].parent].rules.name)
	}
}

// around returns the parent of a span, nil when the times of the two cannot be
// compared: there is none, or one of them starts after its end.
func (k *Checker) around(i int) *otlp.Span {
	r := &k.record
	if s := &r.t.Spans[i]; s.Start > s.End {
		k.fail(i, "time-order", "starts after its end")
		return nil
	}
	p := r.spans[i].parent
	if p < 0 || r.t.Spans[p].Start > r.t.Spans[p].End {
		return nil
	}
	return &r.t.Spans[p]
}

// unique judges that a span shares an id with none of its class before it in
// the trace.
func (k *Checker) unique(i int, s slot, rule string) {
	r := &k.record
	x := &r.spans[i]
	trace := &r.traces[x.trace]
	latest := &trace.tasks
	if x.rules.class == classTool {
		latest = &trace.tools
	}
	x.before, *latest = *latest, int32(i)+1
	a := r.attr(i, s)
	if a == nil {
		return
	}
	for n := x.before; n > 0; n = r.spans[n-1].before {
		if b := r.attr(int(n-1), s); b != nil && same(r.t, a, b) {
			k.fail(i, rule, "%s is %s on another span of the trace, too", k.emitted(k.slots[s]), quoted(r.t, a))
			return
		}
	}
}

// bridge judges that the result that is handed back is one of a call of the
// trace, if there are any.
func (k *Checker) bridge(i int) {
	r := &k.record
	a, tools := r.attr(i, slotModelCall), r.traces[r.spans[i].trace].tools
	if a == nil {
		a = r.attr(i, slotCall)
	}
	if a == nil || tools == 0 {
		return
	}
	for n := tools; n > 0; n = r.spans[n-1].before {
		for _, s := range [...]slot{slotCall, slotModelCall} {
			if b := r.attr(int(n-1), s); b != nil && same(r.t, a, b) {
				return
			}
		}
	}
	k.fail(i, "call-id", "no tool call of the trace has the id %s", quoted(r.t, a))
}
