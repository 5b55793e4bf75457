package plan

import "github.com/otelsim/otelsim/pkg/corpus/otlp"

const (
	// maxSpanBytes bounds a span as JSON: with its resource it must fit into a
	// record, which cannot be split any further.
	maxSpanBytes = otlp.MaxRecordBytes - 1<<14
	// maxIterationBytes bounds the spans of an iteration, which are in memory
	// together with the rest of their segment.
	maxIterationBytes = 1 << 30
)

// sizer works out how long spans can become in JSON, the longer of the formats.
type sizer struct {
	b       *builder
	lengths map[otlp.StringID]int // of texts
	said    lengths
	ids     int   // longest identifier
	shared  []int // longest text of each value that attributes of a system share
	failure int   // longest text of a failure
}

func (b *builder) newSizer() *sizer {
	z := &sizer{b: b, lengths: make(map[otlp.StringID]int)}
	for _, f := range []IDFormat{b.out.Session, b.out.Request, b.out.ToolCall} {
		n := 0
		for _, p := range f {
			n += 6*len(p.Literal) + p.Hex + len("00000000-0000-0000-0000-000000000000")
		}
		z.ids = max(z.ids, n)
	}
	for _, f := range b.out.Failures {
		for _, id := range []otlp.StringID{f.Type, f.Category, f.Exception, f.Message, f.Stack, f.Reason} {
			z.failure = max(z.failure, z.text(id))
		}
	}
	if b.out.System != nil {
		z.system()
	}
	if b.def.System == nil {
		z.messages()
	}
	return z
}

// text is the length of a string of the plan as JSON.
func (z *sizer) text(id otlp.StringID) int {
	n, ok := z.lengths[id]
	if !ok {
		n = len(otlp.AppendJSONString(nil, z.b.strs.String(id)))
		z.lengths[id] = n
	}
	return n
}

// overhead is more than what stands around a value, and more than any number.
const overhead = 96

func (z *sizer) value(a otlp.Attr) int {
	if a.Kind == otlp.KindString || a.Kind == otlp.KindArray {
		return z.text(otlp.StringID(a.Word))
	}
	return overhead
}

// attrs is the length of the longest values of a list of attributes.
func (z *sizer) attrs(list []Attr) int {
	sum := 0
	for i := range list {
		a := &list[i]
		n := z.value(a.Attr)
		for _, v := range a.Values {
			n = max(n, z.value(v))
		}
		switch a.Op {
		case OpInput, OpOutput, OpRedactedIn, OpRedactedOut, OpArguments, OpResult:
			n = z.messageOf(a.Op)
		case OpErrorType, OpCategory, OpException, OpMessage, OpStack, OpReason, OpCode, OpCauseType, OpThrown, OpThrownMessage, OpThrownStack:
			n = max(n, z.failure)
		case OpText, OpPairText:
			n = z.form(a.Form)
		case OpUse:
			n = z.shared[a.Word]
		case OpConst, OpIfCaptured, OpIfRaw:
		case OpCalled:
			n = int(min(a.Word, MaxSpansPerTrace)) * overhead
		default:
			n = max(n, z.ids, 6*len(a.Prefix)+int(min(a.Word, 256)))
		}
		sum += z.text(a.Key) + n + overhead
	}
	return sum
}

// name is the length of the longest name of a node's spans.
func (z *sizer) name(n *Node) int {
	most := z.text(n.Name)
	if n.Names != nil {
		for _, x := range n.Names.All {
			most = max(most, z.text(x.Name))
		}
	}
	return most
}

// span is the length of the span of a node with its resource.
func (z *sizer) span(n *Node) int {
	sum := 4*overhead + z.name(n) + z.attrs(n.Attrs) + z.attrs(z.b.out.Groups[n.Group].Attrs)
	for i := range n.Events {
		sum += n.Events[i].Times.most() * (overhead + z.text(n.Events[i].Name) + z.attrs(n.Events[i].Attrs))
	}
	return sum + z.judged(n) + z.lines(n)
}

// all is the length of all spans that a node and those below it can become.
func (z *sizer) all(n *Node) uint64 {
	sum := uint64(0)
	if n.OneOf == nil {
		sum = uint64(z.span(n))
	}
	other := uint64(0)
	for i := range n.Children {
		if n.OneOf != nil {
			sum = max(sum, z.all(&n.Children[i]))
			continue
		}
		if n.Children[i].Act != nil {
			continue
		}
		if n.Children[i].Serves {
			other = max(other, z.all(&n.Children[i]))
			continue
		}
		sum = min(sum+z.all(&n.Children[i]), maxIterationBytes+1)
	}
	sum += other
	if n.called != nil {
		sum = min(sum+n.called.bytes, maxIterationBytes+1)
	}
	if n.Retry != nil {
		sum = times(sum, uint64(max(n.Retry.Max, 1)), maxIterationBytes+1)
	}
	return times(sum, repetitions(n), maxIterationBytes+1)
}

// longest returns the node below n, or n, whose span is the longest, and its length.
func (z *sizer) longest(n *Node) (at *Node, bytes int) {
	at = n
	if n.OneOf == nil {
		bytes = z.span(n)
	}
	for i := range n.Children {
		if n.Children[i].Act != nil {
			continue // see systemSizer.self
		}
		if x, m := z.longest(&n.Children[i]); m > bytes {
			at, bytes = x, m
		}
	}
	return at, bytes
}

// system works out how long texts of a system can be.
func (z *sizer) system() {
	for i := range z.b.out.System.Causes {
		c := &z.b.out.System.Causes[i]
		for _, id := range []otlp.StringID{c.Type, c.Exception, c.Message, c.Stack, c.Code} {
			z.failure = max(z.failure, z.text(id))
		}
	}
	for i := range z.b.out.System.Values {
		z.shared = append(z.shared, z.attrs([]Attr{z.b.out.System.Values[i].Attr}))
	}
}

// form is the length of the longest text of a form.
func (z *sizer) form(f *Form) int {
	n := 2
	for _, p := range f.Pieces {
		n += 6*len(p.Literal) + p.Hex + p.Word + p.Digits
		switch {
		case p.UUID:
			n += len("00000000-0000-0000-0000-000000000000")
		case p.Value > 0:
			n += z.shared[p.Value-1]
		}
	}
	if f.Length != nil {
		_, most := f.Length.Bounds()
		n = max(n, int(min(most, MaxLength)))
	}
	return n
}
