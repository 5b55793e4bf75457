package learn

import (
	"cmp"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/learn/privacy"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// queue is messages of one destination: who sends them, and who consumes them.
type queue struct {
	destination        string
	senders, consumers []*path
}

// sender is a path of spans that send messages, as a call of who consumes them.
type sender struct {
	to    []*path
	batch uint64 // messages that are consumed together, each of which has a span
	below bool   // who consumes them does so in the same trace
	first *path  // of below, the messages of a batch before the last one, where there are any
	wait  *sketch.Numbers
}

// messageKeys are what spans of messages have whatever a scenario says. Where some of the
// capture lack one, they are no messages to it.
var messageKeys = []string{"messaging.system", "messaging.operation.name", "messaging.operation.type", "messaging.destination.name",
	"server.address"}

// The keys that follow from the message: one that is consumed alone has an id.
const (
	messageID    = "messaging.message.id"
	messageCount = "messaging.batch.message_count"
)

var ofMessages = []string{messageID, messageCount}

// findMessages finds the destinations of which it is known for each message who consumes
// it: in a trace of its own, or below the span that sends it.
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
	before := make(map[*path]bool) // messages of a batch that others end
	for _, q := range order {
		senders := q.read()
		for _, at := range q.senders {
			if s := senders[at]; s != nil {
				w.senders[at] = s
				if s.first != nil {
					before[s.first] = true
				}
			}
		}
		for _, at := range q.consumers {
			if senders != nil {
				w.queues[at], w.sent[at] = q, at.roots > 0
			}
		}
	}
	w.g.batches(w.senders, before)
}

// destination is where the messages of a path go to, or come from; empty where it is no
// path of messages as scenarios have them.
func (w *writer) destination(at *path) string {
	verb := "process "
	for _, c := range at.classes {
		if c.Kind == otlp.SpanKindProducer {
			verb = "send "
			if c.failed() || c.Roots > 0 {
				return ""
			}
		} else if !c.entry() || float64(c.Linked) < float64(0.98*float64(c.Roots)) {
			return ""
		}
		for _, key := range messageKeys {
			if !c.mostHave(key) {
				return ""
			}
		}
		if !c.mostHave(ofMessages...) {
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

// mostHave reports whether nearly all spans of a class have one of some attributes.
func (c *class) mostHave(keys ...string) bool {
	n := uint64(0)
	for _, key := range keys {
		if a := c.Attributes[key]; a != nil {
			n += a.Present
		}
	}
	return about(n, c.Spans)
}

// about reports whether two numbers of spans are as good as the same, in what leaves out
// what is rare.
func about(a, b uint64) bool {
	return float64(max(a, b)-min(a, b)) <= float64(0.02*float64(max(a, b)))
}

// read finds out how each path of a queue sends; nil: it is not known who consumes what.
func (q *queue) read() map[*path]*sender {
	out := make(map[*path]*sender)
	below := make(map[*path]map[uint64]uint64) // consumptions in the trace that sends, by their batch
	var alone []*path
	for _, at := range q.senders {
		s := q.belowOf(at)
		if s == nil && at.ends() {
			alone = append(alone, at)
			continue
		}
		if s == nil {
			return nil
		}
		out[at] = s
		for _, to := range s.to {
			if below[to] == nil {
				below[to] = make(map[uint64]uint64)
			}
			below[to][s.batch] += at.spans
		}
	}
	alone = slices.DeleteFunc(alone, func(at *path) bool {
		return slices.ContainsFunc(q.senders, func(last *path) bool { return out[last] != nil && out[last].first == at })
	})
	return q.apart(alone, below, out)
}

// ends reports whether there is nothing below the spans of a path.
func (at *path) ends() bool {
	return !slices.ContainsFunc(at.classes, func(c *class) bool {
		return slices.ContainsFunc(c.plans, func(p *plan) bool { return len(p.groups) > 0 })
	})
}

// belowOf reads a path below whose spans the messages are consumed, by all who do, each
// once; nil: that is not so.
func (q *queue) belowOf(at *path) *sender {
	s := &sender{batch: 1, below: true, wait: new(sketch.Numbers)}
	seen := make(map[*path]uint64)
	for r := range at.runs() {
		if !r.after || !slices.Contains(q.consumers, r.class.path) {
			return nil
		}
		if seen[r.class.path] == 0 {
			s.to = append(s.to, r.class.path)
		}
		seen[r.class.path] += r.counts.Count()
		s.wait.Merge(r.wait)
	}
	if len(s.to) == 0 || slices.ContainsFunc(s.to, func(to *path) bool { return !about(seen[to], at.spans) }) {
		return nil
	}
	slices.SortFunc(s.to, func(a, b *path) int { return cmp.Compare(a.id, b.id) })
	for _, first := range q.senders {
		x, y := at.classes[0], first.classes[0]
		if n := first.spans / at.spans; first != at && x.Above == y.Above && x.Name == y.Name && n > 0 && about(first.spans, n*at.spans) &&
			first.ends() && s.to[0].counted(n+1) {
			s.first, s.batch = first, n+1
		}
	}
	return s
}

// counted reports whether some spans of a path consume a number of messages.
func (at *path) counted(n uint64) bool { return at.batches()[n] > 0 }

// batches is how many spans of a path consume how many messages.
func (at *path) batches() map[uint64]uint64 {
	out := make(map[uint64]uint64)
	for _, c := range at.classes {
		rest := c.Spans
		if a := c.Attributes[messageCount]; a != nil && a.Numbers != nil {
			a.Numbers.Each(func(low, _ float64, n uint64) {
				out[uint64(max(low+0.5, 1))] += n
				rest -= min(n, rest)
			})
		}
		out[1] += rest
	}
	return out
}

// forget has messages be spans like others, and those who consume them begin traces.
func (w *writer) forget(q *queue) {
	for _, at := range slices.Concat(q.senders, q.consumers) {
		delete(w.queues, at)
		delete(w.senders, at)
		delete(w.sent, at)
	}
}

// sends writes that a message is sent, to all who consume it.
func (w *writer) sends(c *class, s *sender) *node {
	to := list()
	for _, at := range s.to {
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
	if s.below {
		out.with("trace", "same")
		wait := fit(s.wait, 1e6)
		out.put("queue", wait.duration())
	}
	if s.batch > 1 {
		out.put("batch", raw(digits(float64(s.batch), 6)))
	}
	if a := w.attributes(c, nil); len(a.entries) > 0 {
		out.put("attributes", a)
	}
	return out
}
