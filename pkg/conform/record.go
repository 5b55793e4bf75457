package conform

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strconv"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// recordState is what the rules see of one record. Its memory is reused.
type recordState struct {
	k         *Checker
	t         *otlp.Traces
	spans     []spanState
	traces    []traceState
	resources []resourceState
	systems   []systemSpan
	byID      map[spanKey]int32
	byTrace   map[otlp.TraceID]int32
	few       bool // spans: they are looked at one by one, and byID and byTrace are not used
	uses      []use
	seen      []uint32 // by number of a name: the list of attributes that has it last
	list      uint32   // the latest list
	speech    speech
	moves     []move     // of agents
	starts    []uint64   // scratch
	sent      []int32    // scratch
	services  []*service // scratch: by resource
	asked     []mention  // scratch
	told      []mention  // scratch
}

type spanKey struct {
	trace otlp.TraceID
	span  otlp.SpanID
}

const (
	isRoot   = int32(-1)
	isOrphan = int32(-2) // the parent is not in the record
)

// spanState is what the rules see of one span.
type spanState struct {
	rules       *spanRules
	slots       [numSlots]int32 // one more than the index of the attribute; 0: none
	parent      int32           // index, isRoot or isOrphan
	first, last int32           // children: one more than the index, 0: none
	next        int32           // the next child of the parent, alike
	before      int32           // the task or the tool call before it in the trace, alike
	trace       int32
	failed      bool         // its status is an error
	replaced    bool         // it failed, and was tried again
	trouble     bool         // something below it failed for good
	exception   bool         // it has that event
	invalid     bool         // it has a validation error event
	within      int32        // whom work below it is done for: see agentOf
	speaks      bool         // an agent's model is called in it
	aside       bool         // and that beside what else the agent does
	in, out     messageRange // of a call of a model
	system      int32        // one more than the index into recordState.systems; 0: it is of none
}

// traceState is what the rules see of one trace.
type traceState struct {
	root, span                   int32 // index of its only root, or isOrphan; and of its first span
	tasks, tools                 int32 // the latest one: one more than the index, 0: none
	session, user, tenant, asked *otlp.Attr
	named                        *otlp.Attr // the session, by spans of a system
	uses                         int32      // its resources: one more than the index of the first, 0: none
	opens, closes                int32      // the first call of a model by the agent of the turn, and the last: one more than the index, 0: none
	visit                        bool       // it is a request to agents within the trace of a system
	models, streams              bool       // a model was called and says whether it streams; one does
}

// resourceState is what the rules see of one resource.
type resourceState struct {
	slots  [numSlots]int32
	span   int32 // the first of its spans
	latest int32 // one more than the trace of the latest span

	service *service // of a system; nil: it is of none
}

// fill takes the record in: its spans, where they stand and what they say.
func (r *recordState) fill(k *Checker, t *otlp.Traces) {
	r.k, r.t = k, t
	if r.byID == nil {
		r.byID, r.byTrace = make(map[spanKey]int32), make(map[otlp.TraceID]int32)
	}
	clear(r.byID)
	clear(r.byTrace)
	r.speech.reset()
	r.spans, r.traces, r.resources, r.uses = r.spans[:0], r.traces[:0], r.resources[:0], r.uses[:0]
	r.systems = r.systems[:0]
	for i := range t.Resources {
		x := resourceState{span: -1}
		if k.services != nil {
			x.service = k.serviceOf(t, t.Resources[i].Attrs)
		}
		r.resources = append(r.resources, x)
	}
	r.few = len(t.Spans) <= fewSpans
	for i := range t.Spans {
		s := &t.Spans[i]
		if !r.few {
			r.byID[spanKey{s.TraceID, s.SpanID}] = int32(i)
		}
		trace := r.traceOf(s.TraceID)
		if trace < 0 {
			trace = int32(len(r.traces))
			if !r.few {
				r.byTrace[s.TraceID] = trace
			}
			r.traces = append(r.traces, traceState{root: isOrphan, span: int32(i)})
		}
		r.spans = append(r.spans, r.state(s, trace))
		r.use(trace, s.Resource)
		if res := int(s.Resource); res < len(r.resources) && r.resources[res].span < 0 {
			r.resources[res].span = int32(i)
		}
	}
	for i := range r.spans {
		r.place(i)
	}
	r.visits()
}

// oneProcess reports whether two spans of a record are of one process: they have one
// resource, or two of the same instance of a service of a system.
func (r *recordState) oneProcess(a, b uint32) bool {
	if a == b {
		return true
	}
	if int(max(a, b)) >= len(r.resources) {
		return false
	}
	x, y := &r.resources[a], &r.resources[b]
	if x.service != nil && x.service == y.service && x.service.def.Anonymous {
		return true // as far as anybody can tell
	}
	if x.service == nil || x.service != y.service || x.slots[slotInstance] == 0 || y.slots[slotInstance] == 0 {
		return false
	}
	return same(r.t, &r.t.Attrs[x.slots[slotInstance]-1], &r.t.Attrs[y.slots[slotInstance]-1])
}

// state returns what is known of a span by itself.
func (r *recordState) state(s *otlp.Span, trace int32) spanState {
	x := spanState{parent: isRoot, trace: trace, failed: s.Status == otlp.StatusError}
	if res := int(s.Resource); res < len(r.resources) && r.resources[res].service != nil && r.resources[res].service.emits(r.t.Strings.String(s.Name)) {
		r.systems = append(r.systems, systemSpan{service: r.resources[res].service})
		x.rules, x.system = ofSystem, int32(len(r.systems))
		return x
	}
	x.rules = r.k.rulesFor(r.t, s)
	return x
}

// ofSystem are the rules of spans which the rules of agents say nothing of.
var ofSystem = &spanRules{spec: specOf(otherClass, "")}

// traceOf returns the index of a trace, negative when there is none yet.
func (r *recordState) traceOf(id otlp.TraceID) int32 {
	if r.few {
		for n := len(r.traces) - 1; n >= 0; n-- {
			if r.t.Spans[r.traces[n].span].TraceID == id {
				return int32(n)
			}
		}
		return -1
	}
	if n, ok := r.byTrace[id]; ok {
		return n
	}
	return -1
}

// find returns the index of a span, of several of one id the last, and whether there is
// one.
func (r *recordState) find(trace otlp.TraceID, id otlp.SpanID) (int32, bool) {
	if !r.few {
		n, ok := r.byID[spanKey{trace, id}]
		return n, ok
	}
	for n := len(r.t.Spans) - 1; n >= 0; n-- {
		if s := &r.t.Spans[n]; s.SpanID == id && s.TraceID == trace {
			return int32(n), true
		}
	}
	return 0, false
}

// place finds the parent of a span.
func (r *recordState) place(i int) {
	s, x := &r.t.Spans[i], &r.spans[i]
	if s.ParentID == (otlp.SpanID{}) {
		r.traces[x.trace].root = int32(i)
		return
	}
	p, ok := r.find(s.TraceID, s.ParentID)
	if !ok || int(p) == i {
		x.parent = isOrphan
		return
	}
	x.parent = p
	parent := &r.spans[p]
	if n := int32(i) + 1; parent.last == 0 {
		parent.first, parent.last = n, n
	} else {
		r.spans[parent.last-1].next, parent.last = n, n
	}
}

// child returns the index of the first child of a span, and sibling that of
// the next child of its parent. Negative: there is none.
func (r *recordState) child(i int) int   { return int(r.spans[i].first) - 1 }
func (r *recordState) sibling(i int) int { return int(r.spans[i].next) - 1 }

// attr returns an attribute of a span, or nil.
func (r *recordState) attr(i int, s slot) *otlp.Attr {
	if a := r.spans[i].slots[s]; a > 0 {
		return &r.t.Attrs[a-1]
	}
	return nil
}

// has reports whether a span carries an attribute.
func (r *recordState) has(i int, s slot) bool { return r.spans[i].slots[s] > 0 }

// word returns an attribute of a span as text, "" when there is none or it is
// no string.
func (r *recordState) word(i int, s slot) string {
	a := r.attr(i, s)
	switch {
	case a == nil:
	case a.Kind == otlp.KindString:
		return r.t.Strings.String(otlp.StringID(a.Word))
	case a.Kind == otlp.KindText:
		return r.k.text(r.t, a)
	}
	return ""
}

// whole returns an attribute of a span as an integer, and whether it is one.
func (r *recordState) whole(i int, s slot) (int64, bool) {
	if a := r.attr(i, s); a != nil && a.Kind == otlp.KindInt {
		return int64(a.Word), true
	}
	return 0, false
}

// flag reports whether a span carries an attribute that is true.
func (r *recordState) flag(i int, s slot) bool {
	a := r.attr(i, s)
	return a != nil && a.Kind == otlp.KindBool && a.Word == 1
}

// maxText is the length of what is worth to be remembered.
const maxText = 256

// text returns a string value, so that it costs memory only once.
func (k *Checker) text(t *otlp.Traces, a *otlp.Attr) string {
	if a.Kind == otlp.KindString {
		return t.Strings.String(otlp.StringID(a.Word))
	}
	b := textOf(t, a)
	if s, ok := k.texts[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(k.texts) >= maxRemembered {
		clear(k.texts)
	}
	if len(s) <= maxText {
		k.texts[s] = s
	}
	return s
}

// string is text for a string of either kind.
func (k *Checker) string(t *otlp.Traces, a *otlp.Attr) string {
	if a.Kind == otlp.KindText {
		return k.text(t, a)
	}
	return t.Strings.String(otlp.StringID(a.Word))
}

// textOf returns the bytes of a KindText value.
func textOf(t *otlp.Traces, a *otlp.Attr) []byte {
	r := otlp.UnpackRange(a.Word)
	return t.Text[r.Start:r.End]
}

// same reports whether two values of a record are equal strings.
func same(t *otlp.Traces, a, b *otlp.Attr) bool {
	switch {
	case a.Kind == otlp.KindText && b.Kind == otlp.KindText:
		return a.Word == b.Word || bytes.Equal(textOf(t, a), textOf(t, b))
	case a.Kind == otlp.KindText:
		return isText(t, b, string(textOf(t, a)))
	case a.Kind == otlp.KindString:
		return isText(t, b, t.Strings.String(otlp.StringID(a.Word)))
	}
	return false
}

// isText reports whether a value is that string.
func isText(t *otlp.Traces, a *otlp.Attr, s string) bool {
	switch a.Kind {
	case otlp.KindString:
		return t.Strings.String(otlp.StringID(a.Word)) == s
	case otlp.KindText:
		r := otlp.UnpackRange(a.Word)
		return string(t.Text[r.Start:r.End]) == s
	}
	return false
}

// isHex reports whether a value is the id in hexadecimal digits.
func isHex(t *otlp.Traces, a *otlp.Attr, id otlp.TraceID) bool {
	var digits [2 * len(id)]byte
	hex.Encode(digits[:], id[:])
	if a.Kind == otlp.KindText {
		return bytes.Equal(textOf(t, a), digits[:])
	}
	return isText(t, a, string(digits[:]))
}

// quoted puts a value into words.
func quoted(t *otlp.Traces, a *otlp.Attr) string {
	if a == nil {
		return "nothing"
	}
	return strconv.Quote(valueText(t, a))
}

// oneOf reports whether s is among the words.
func oneOf(s string, words ...string) bool { return slices.Contains(words, s) }
