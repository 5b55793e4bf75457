package learn

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// message gives a class the attributes that spans of messages have; batch: 1 of an id.
func message(c *profile.Class, batch uint64) {
	for key, value := range map[string]string{
		"messaging.system": "kafka", "messaging.operation.name": "send", "messaging.operation.type": "send",
		"messaging.destination.name": "orders", "server.address": "kafka",
	} {
		c.Attributes[key] = texts(key, c.Spans, value)
	}
	if batch == 1 {
		c.Attributes[messageID] = texts(messageID, c.Spans, "7f1c2f0e-4d52-4f43-a0a3-0a6ed3b6b5c1")
		return
	}
	a := &profile.Attribute{Present: c.Spans, Traces: c.Spans, Values: sketch.NewValues(8), Numbers: new(sketch.Numbers)}
	a.Numbers.AddN(float64(batch), c.Spans)
	c.Attributes[messageCount] = a
}

// sending is a service of which each request sends messages, in two operations; the first
// sends two that are consumed together, in traces of their own.
func sending() *hand {
	h := newHand(1000)
	for i, name := range []string{"POST /orders", "POST /refunds"} {
		id := uint64(10 + 100*i)
		web := h.class(id, "web", name, otlp.SpanKindServer, "", 500, 5)
		web.Roots = 500
		send := h.class(id+10, "web", "send orders", otlp.SpanKindProducer, "", []uint64{1000, 500}[i], 1)
		send.Above = id
		does(send, send.Spans, 1)
		message(send, 1)
		does(web, 500, 5, []uint64{id + 10})
	}
	runs := h.Classes[10].Productions[1].Groups[0]
	runs[0].Counts = new(sketch.Numbers)
	runs[0].Counts.AddN(2, 500)
	for i, batch := range []uint64{2, 1} {
		ship := h.class(uint64(50+i), "ship", "process orders", otlp.SpanKindConsumer, []string{"", "BadOrder"}[i], 500, 8)
		ship.Roots, ship.Linked = 500, 500
		does(ship, 500, 8)
		message(ship, batch)
	}
	return h
}

func TestMessagesThatAreConsumedTogether(t *testing.T) {
	got := learntOf(t, sending())
	if strings.Count(got, "call: ship.process orders") != 2 || strings.Count(got, "batch: 2") != 1 || strings.Contains(got, "count:") {
		t.Errorf("want two calls of the consumer, one of a batch of 2:\n%s", got)
	}
	h := sending()
	h.Classes[20].Spans = 700 // of which nobody can make 500 batches
	if got := learntOf(t, h); strings.Contains(got, "batch: 2") {
		t.Errorf("a batch that the numbers speak against:\n%s", got)
	}
}

func TestMessagesInTheTraceThatSendsThem(t *testing.T) {
	h := newHand(1000)
	web := h.class(10, "web", "POST /orders", otlp.SpanKindServer, "", 1000, 5)
	web.Roots = 1000
	does(web, 1000, 5, []uint64{20}, []uint64{30})
	for _, id := range []uint64{20, 30} {
		send := h.class(id, "web", "send orders", otlp.SpanKindProducer, "", 1000, 1)
		send.Above = 10
		message(send, 1)
	}
	does(h.Classes[20], 1000, 1)
	does(h.Classes[30], 1000, 1, []uint64{50})
	run := &h.Classes[30].Productions[1].Groups[0][0]
	run.After, run.Wait = true, new(sketch.Numbers)
	spread(run.Wait, 40, 1000)
	ship := h.class(50, "ship", "process orders", otlp.SpanKindConsumer, "", 1000, 8)
	does(ship, 1000, 8)
	message(ship, 2)
	got := learntOf(t, h)
	for _, want := range []string{"trace: same", "batch: 2", "queue: {distribution: log_normal, median_ms: 40"} {
		if strings.Count(got, want) != 1 {
			t.Errorf("want %s once:\n%s", want, got)
		}
	}
}
