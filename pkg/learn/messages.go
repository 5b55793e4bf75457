package learn

import (
	"math"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/learn/privacy"
)

// queue is messages of one destination: who sends them, and who consumes them in traces
// that link to them.
type queue struct {
	destination        string
	senders, consumers []*path
}

// messageKeys are what spans of messages have whatever a scenario says. Where some of the
// capture lack one, they are no messages to it.
var messageKeys = []string{"messaging.system", "messaging.operation.name", "messaging.operation.type", "messaging.destination.name",
	"messaging.message.id", "server.address"}

// ofMessages are the keys that follow from the message.
var ofMessages = []string{"messaging.message.id", "messaging.batch.message_count"}

// findMessages finds the destinations of which each message has one consumer of each kind,
// in a trace of its own.
func (w *writer) findMessages() {
	by := make(map[string]*queue)
	var order []*queue
	for _, at := range w.g.order {
		kind := at.classes[0].Kind
		if kind != otlp.SpanKindProducer && kind != otlp.SpanKindConsumer {
			continue
		}
		d := w.destination(at)
		if d == "" {
			continue
		}
		q := by[d]
		if q == nil {
			q = &queue{destination: d}
			by[d] = q
			order = append(order, q)
		}
		if kind == otlp.SpanKindProducer {
			q.senders = append(q.senders, at)
		} else {
			q.consumers = append(q.consumers, at)
		}
	}
	for _, q := range order {
		if !q.fits() {
			continue
		}
		for _, at := range q.senders {
			w.queues[at] = q
		}
		for _, at := range q.consumers {
			w.queues[at], w.sent[at] = q, true
		}
	}
}

// destination is where the messages of a path go to, or come from; empty where it is no
// path of messages as scenarios have them.
func (w *writer) destination(at *path) string {
	verb := "process "
	for _, c := range at.classes {
		if c.Kind == otlp.SpanKindProducer {
			verb = "send "
			if c.failed() || slices.ContainsFunc(c.plans, func(p *plan) bool { return len(p.groups) > 0 }) {
				return ""
			}
		} else if !c.entry() || c.Roots != c.Spans || float64(c.Linked) < float64(0.98*float64(c.Spans)) {
			return ""
		}
		for _, key := range messageKeys {
			if a := c.Attributes[key]; a == nil || float64(a.Present) < float64(0.98*float64(c.Spans)) {
				return ""
			}
		}
		if a := c.Attributes["messaging.batch.message_count"]; a != nil {
			return ""
		}
	}
	c := at.classes[0]
	s := w.policy.Values("messaging.destination.name", c.Attributes["messaging.destination.name"], 0)
	if s.How != privacy.Constant || w.spanName(c) != verb+s.Values[0].Text {
		return ""
	}
	return s.Values[0].Text
}

// fits reports whether each consumer has about as many messages as there are.
func (q *queue) fits() bool {
	sent := uint64(0)
	for _, at := range q.senders {
		sent += at.spans
	}
	return sent > 0 && len(q.consumers) > 0 && !slices.ContainsFunc(q.consumers, func(at *path) bool {
		return math.Abs(float64(at.spans)-float64(sent)) > float64(0.05*float64(sent))
	})
}

// sends writes that a message is sent, to all who consume it.
func (w *writer) sends(c *class, q *queue) *node {
	to := list()
	for _, at := range q.consumers {
		op := w.operations[at]
		to.items = append(to.items, word(op.service.name+"."+op.key))
	}
	out := mapping()
	if len(to.items) == 1 {
		out.put("call", to.items[0])
	} else {
		out.put("call", to)
	}
	f := fit(c.Own, 1e6)
	out.put("network", f.duration())
	if a := w.attributes(c); len(a.entries) > 0 {
		out.put("attributes", a)
	}
	return out
}

// forget has messages be spans like others, and those who consume them begin traces.
func (w *writer) forget(q *queue) {
	for _, at := range slices.Concat(q.senders, q.consumers) {
		delete(w.queues, at)
		delete(w.sent, at)
	}
}
