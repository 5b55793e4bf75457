package conform

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// consumes judges a consumer by the messages that it links to, or that it stands
// below, and that no other span of a system but roots links to anything.
func (k *Checker) consumes(i int, x *systemSpan) {
	r := &k.record
	s := &r.t.Spans[i]
	if s.Kind != otlp.SpanKindConsumer {
		if s.Links.Len() > 0 && s.ParentID != (otlp.SpanID{}) {
			k.fail(i, "link", "a span that consumes nothing and begins no request links to another one")
		}
		return
	}
	if x.span == nil || x.span.protocol != byMessage {
		return
	}
	count := int64(0)
	parent := int(r.spans[i].parent)
	linked := false
	for _, l := range r.t.Links[s.Links.Start:s.Links.End] {
		p, ok := r.find(l.TraceID, l.SpanID)
		if !ok {
			k.fail(i, "message-link", "links to span %x of trace %x, which is not in the record", l.SpanID, l.TraceID)
			continue
		}
		count++
		linked = linked || int(p) == parent
		k.consumed(i, int(p), x)
	}
	if parent >= 0 && !linked && r.t.Spans[parent].Kind == otlp.SpanKindProducer {
		count++
		k.consumed(i, parent, x)
	}
	if count == 0 && parent < 0 {
		return // what comes from outside, or see Session.begins
	}
	if n, ok := r.number(x, factBatch); ok && n != count {
		k.fail(i, "message", "%s is %d, and it consumes %d", facts[factBatch], n, count)
	}
	if a := r.fact(x, factMessage); a != nil && count > 1 {
		k.fail(i, "message", "it names message %s, and consumes %d", quoted(r.t, a), count)
	}
}

// consumed judges a consumer by one of its messages.
func (k *Checker) consumed(i, p int, x *systemSpan) {
	r := &k.record
	from, sent := r.system(p), &r.t.Spans[p]
	if from == nil || sent.Kind != otlp.SpanKindProducer {
		k.fail(i, "message-link", "consumes %s, which is no message", k.strings.String(sent.Name))
		return
	}
	from.consumed = true
	if r.spans[p].failed {
		k.fail(i, "message-link", "consumes a message that could not be sent")
	}
	if r.t.Spans[i].Start < sent.End {
		k.fail(i, "message-order", "starts before the message was sent")
	}
	for _, f := range [...]fact{factDestination, factMessaging, factMessage} {
		a, b := r.fact(x, f), r.fact(from, f)
		if a != nil && b != nil && !same(r.t, a, b) {
			k.fail(i, "message", "%s is %s, and %s on what was sent", facts[f], quoted(r.t, a), quoted(r.t, b))
		}
	}
}

// messages judges what was sent: each message once, and to somebody.
func (k *Checker) messages() {
	r := &k.record
	r.sent = r.sent[:0]
	for i := range r.spans {
		x := r.system(i)
		if x == nil || r.t.Spans[i].Kind != otlp.SpanKindProducer || x.span == nil || x.span.protocol != byMessage {
			continue
		}
		if !x.consumed && !r.spans[i].failed {
			k.fail(i, "message-lost", "a message that nobody consumes")
		}
		if r.fact(x, factMessage) != nil {
			r.sent = append(r.sent, int32(i))
		}
	}
	slices.SortFunc(r.sent, func(a, b int32) int { return cmp.Or(bytes.Compare(r.messageOf(a), r.messageOf(b)), cmp.Compare(a, b)) })
	for n := 1; n < len(r.sent); n++ {
		if bytes.Equal(r.messageOf(r.sent[n-1]), r.messageOf(r.sent[n])) {
			k.fail(int(r.sent[n]), "message", "another message has its id, %q", r.messageOf(r.sent[n]))
		}
	}
}

// messageOf is the id of a message.
func (r *recordState) messageOf(i int32) []byte {
	a := r.fact(r.system(int(i)), factMessage)
	if a.Kind == otlp.KindText {
		return textOf(r.t, a)
	}
	return []byte(valueText(r.t, a))
}
