package learn

import (
	"fmt"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
)

// askedByName is a system in which a service asks models, and spans are called after these: 600,
// 392 and 8 times, of which the last is too few to be said. It does something else of the kind as often
// as the first.
func askedByName() *hand {
	h := newHand(1000)
	web := h.class(10, "web", "answer", otlp.SpanKindServer, "", 1000, 500)
	web.Roots = 1000
	does(web, 600, 5, []uint64{20}, []uint64{50})
	does(web, 392, 5, []uint64{30})
	does(web, 8, 5, []uint64{40})
	for id, of := range map[uint64]struct {
		name, op, model string
		spans           uint64
		ms              float64
	}{
		20: {"ask large", "ask", "large", 600, 400}, 30: {"ask small", "ask", "small", 392, 90}, 40: {"ask tiny", "ask", "tiny", 8, 90},
		50: {"log", "log", "none", 600, 7},
	} {
		c := h.class(id, "web", of.name, otlp.SpanKindClient, "", of.spans, of.ms)
		c.Above = 10
		does(c, of.spans, of.ms)
		spread(c.Duration, of.ms, of.spans)
		c.Attributes["bot.operation"] = counted(otlp.KindText, map[string]uint64{of.op: of.spans}, nil)
		c.Attributes["bot.model"] = counted(otlp.KindText, map[string]uint64{of.model: of.spans}, nil)
	}
	h.Classes[20].Attributes["bot.sent"] = integersOf(300, 100, 600)
	h.Classes[30].Attributes["bot.sent"] = integersOf(200, 100, 392)
	h.Classes[20].Attributes["bot.kept.tokens"] = integersOf(3, 5, 100) // 800 together
	h.Classes[30].Attributes["bot.kept.tokens"] = integersOf(7, 9, 60)
	return h
}

// TestMetricsOfSpansOfSeveralNames: spans that have something alike give a metric its values, those
// of names that are not said among them.
func TestMetricsOfSpansOfSeveralNames(t *testing.T) {
	sent := 0.0
	h := askedByName()
	for _, c := range h.Classes { // order-free: whole numbers
		if a := c.Attributes["bot.sent"]; a != nil {
			sent += float64(a.Numbers.Mean() * float64(a.Present))
		}
	}
	lasted := 0.0
	for _, id := range []profile.ClassID{20, 30, 40} {
		lasted += float64(h.Classes[id].Duration.Mean() * float64(h.Classes[id].Spans) / 1e9)
	}
	for _, row := range []struct {
		why, unit string
		kind      otlp.MetricKind
		totals    []profile.Total
		want      string
	}{
		{"bot.kept.tokens", "{token}", otlp.MetricSum, []profile.Total{total(0, 800)}, "span: [ask large, ask small] value: bot.kept.tokens"},
		{"a number that few have", "{token}", otlp.MetricSum, []profile.Total{total(0, 800)}, ""},
		{"as many as there are", "{call}", otlp.MetricSum, []profile.Total{
			total(0, 600, "bot.model", "large"), total(0, 392, "bot.model", "small"), total(0, 8, "bot.model", "tiny")},
			"from: [ask large, ask small] dimensions: [bot.model]"},
		{"how long they last", "s", otlp.MetricHistogram, []profile.Total{total(1000, lasted)}, "from: [ask large, ask small]"},
		{"a number", "{token}", otlp.MetricSum, []profile.Total{total(0, sent)}, "span: [ask large, ask small] value: bot.sent"},
		{"one of them", "{call}", otlp.MetricSum, []profile.Total{total(0, 392, "bot.model", "small")}, "from: ask small dimensions: [bot.model]"},
		{"all of the kind", "{call}", otlp.MetricSum, []profile.Total{total(0, 1600)}, "from: [ask large, log, ask small]"},
		{"as many, of other models", "{call}", otlp.MetricSum, []profile.Total{
			total(0, 500, "bot.model", "large"), total(0, 492, "bot.model", "small"), total(0, 8, "bot.model", "tiny")}, ""},
		{"what is not alike", "{call}", otlp.MetricSum, []profile.Total{total(0, 1200)}, ""},
	} {
		h := askedByName()
		name := "bot.metric"
		if strings.HasPrefix(row.why, "bot.") {
			name = row.why
		}
		m := h.metric("web", name, row.unit, row.kind, 1)
		m.Monotonic, m.Totals = row.kind == otlp.MetricSum, row.totals
		m.Rates.AddN(1, 1000)
		m.Counts.AddN(1, 1000)
		m.Attributes = ofPoints(m.Totals, "large", "small", "tiny")
		got := strings.NewReplacer("{", " ", "}", " ", ",", ", ").Replace(learntOf(t, h))
		got = strings.NewReplacer(", from:", " from:", ", dimensions", " dimensions", ", value", " value").Replace(strings.Join(strings.Fields(got), " "))
		if row.want == "" && (strings.Contains(got, "from:") || !strings.Contains(got, "base:")) || !strings.Contains(got, row.want) {
			_, metrics, _ := strings.Cut(got, "metrics:")
			t.Errorf("%s: want %q, got %.400s", row.why, row.want, metrics)
		}
	}
}

// TestSeriesOfSpansOfSeveralNames: each name has those of its own, so that they are added up.
func TestSeriesOfSpansOfSeveralNames(t *testing.T) {
	joint := &giver{}
	for i := range 100 {
		joint.parts = append(joint.parts, &giver{name: fmt.Sprint("ask ", i), attributes: map[string]*given{"bot.model": {texts: 1}, "bot.user": {texts: 400}}})
	}
	if n := joint.series([]string{"bot.model", "bot.user", "bot.none"}); n != 40_001 {
		t.Errorf("%d series", n)
	}
	if n := joint.series([]string{"bot.user", "bot.user"}); n != mostSeries+1 {
		t.Errorf("%d series", n)
	}
}
