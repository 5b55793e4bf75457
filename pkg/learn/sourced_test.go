package learn

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// counted is an attribute whose values are there so often, and are numbers if they look so.
func counted(kind otlp.Kind, values map[string]uint64, word func(string) uint64) *profile.Attribute {
	a := &profile.Attribute{Values: sketch.NewValues(64)}
	for text, n := range values {
		for i := range n {
			if word != nil {
				a.Values.AddWord(kind, word(text), 1, i+1)
			} else {
				a.Values.AddN(kind, []byte(text), 1, i+1)
			}
		}
		a.Present += n
		a.Traces = max(a.Traces, n)
	}
	a.Kinds[kind] = a.Present
	return a
}

// integersOf is an attribute that is one number, or another one now and then.
func integersOf(n, other uint64, spans uint64) *profile.Attribute {
	at := map[string]uint64{"n": n, "other": other}
	a := counted(otlp.KindInt, map[string]uint64{"n": spans - spans/4, "other": spans / 4}, func(s string) uint64 { return at[s] })
	a.Numbers = &sketch.Numbers{}
	a.Numbers.AddN(float64(n), spans-spans/4)
	a.Numbers.AddN(float64(other), spans/4)
	return a
}

// total is what values with these attributes come to: keys and texts.
func total(count uint64, sum float64, words ...string) profile.Total {
	t := profile.Total{Count: count, Sum: sum}
	for i := 0; i < len(words); i += 2 {
		t.Values = append(t.Values, profile.TotalValue{Key: words[i], Hash: sketch.Hash(otlp.KindText, []byte(words[i+1]))})
	}
	return t
}

// ofPoints returns the attributes of 1,000 points with such totals, of which these are the words.
func ofPoints(totals []profile.Total, words ...string) map[string]*profile.Attribute {
	out := make(map[string]*profile.Attribute)
	for _, x := range totals {
		for _, v := range x.Values {
			for _, word := range words {
				if v.Hash == sketch.Hash(otlp.KindText, []byte(word)) {
					if out[v.Key] == nil {
						out[v.Key] = counted(otlp.KindText, nil, nil)
					}
					out[v.Key].Values.AddN(otlp.KindText, []byte(word), 1000, 0)
					out[v.Key].Present += 1000 / uint64(len(totals))
				}
			}
		}
	}
	return out
}

// asked is a system in which a service asks models, 800 times the one and 200 times the
// other, and does something else as often.
func asked() *hand {
	h := newHand(1000)
	web := h.class(10, "web", "answer", otlp.SpanKindServer, "", 1000, 500)
	web.Roots = 1000
	does(web, 1000, 5, []uint64{20}, []uint64{30})
	for id, ms := range map[uint64]float64{20: 400, 30: 90} {
		c := h.class(id, "web", map[uint64]string{20: "ask", 30: "log"}[id], otlp.SpanKindClient, "", 1000, ms)
		c.Above = 10
		does(c, 1000, ms)
		c.Attributes["bot.model"] = counted(otlp.KindText, map[string]uint64{"large": 800, "small": 200}, nil)
	}
	h.Classes[30].Attributes["bot.model"] = counted(otlp.KindText, map[string]uint64{"large": 500, "small": 500}, nil)
	h.Classes[20].Attributes["bot.sent"] = integersOf(300, 100, 1000)
	h.Classes[20].Attributes["bot.got"] = integersOf(50, 30, 1000)
	for _, c := range h.Classes {
		spread(c.Duration, map[string]float64{"ask": 400, "log": 90, "answer": 500}[c.Name], 1000)
	}
	return h
}

// TestMetricsThatFollowFromSpans are recognised by how many spans there are, by how long
// they last and by their numbers, with the attributes that they have; others are not.
func TestMetricsThatFollowFromSpans(t *testing.T) {
	lasted := func(h *hand, id profile.ClassID) float64 { return h.Classes[id].Duration.Mean() / 1e6 }
	for _, row := range []struct {
		why, unit string
		kind      otlp.MetricKind
		totals    func(h *hand) []profile.Total
		want      string
	}{
		{"as many as there are", "{call}", otlp.MetricSum, func(*hand) []profile.Total {
			return []profile.Total{total(0, 800, "bot.model", "large"), total(0, 200, "bot.model", "small")}
		}, "from: ask, dimensions: [bot.model]"},
		{"as many of the other", "{call}", otlp.MetricSum, func(*hand) []profile.Total {
			return []profile.Total{total(0, 500, "bot.model", "large"), total(0, 500, "bot.model", "small")}
		}, "from: log, dimensions: [bot.model]"},
		{"how long they last", "s", otlp.MetricHistogram, func(h *hand) []profile.Total {
			return []profile.Total{total(1000, lasted(h, 30))}
		}, "from: log, buckets: [0.01, 0.5, 20]}"},
		{"a number", "{token}", otlp.MetricSum, func(*hand) []profile.Total { return []profile.Total{total(0, 250_000)} },
			"from: {span: ask, value: bot.sent}"},
		{"two numbers", "{token}", otlp.MetricHistogram, func(*hand) []profile.Total {
			return []profile.Total{total(1000, 250_000, "gen_ai.token.type", "input"), total(1000, 45_000, "gen_ai.token.type", "output")}
		}, `- {span: ask, value: bot.sent, attributes: {gen_ai.token.type: input}} - {span: ask, value: bot.got, attributes: {gen_ai.token.type: output}}`},

		{"some of them", "{call}", otlp.MetricSum, func(*hand) []profile.Total { return []profile.Total{total(0, 970)} }, ""},
		{"as many, of other models", "{call}", otlp.MetricSum, func(*hand) []profile.Total {
			return []profile.Total{total(0, 650, "bot.model", "large"), total(0, 350, "bot.model", "small")}
		}, ""},
		{"of models that no span has", "{call}", otlp.MetricSum, func(*hand) []profile.Total {
			return []profile.Total{total(0, 800, "bot.model", "huge"), total(0, 200, "bot.model", "small")}
		}, ""},
		{"longer than they last", "s", otlp.MetricHistogram, func(h *hand) []profile.Total {
			return []profile.Total{total(1000, float64(1.1*lasted(h, 20)))}
		}, ""},
		{"by what is not public", "{token}", otlp.MetricSum, func(*hand) []profile.Total {
			return []profile.Total{total(0, 250_000, "bot.side", "secret"), total(0, 45_000, "bot.side", "known")}
		}, ""},
	} {
		h := asked()
		m := h.metric("web", "bot.metric", row.unit, row.kind, 1)
		m.Monotonic, m.Totals = row.kind == otlp.MetricSum, row.totals(h)
		if row.unit == "s" {
			m.Buckets.Bounds = []float64{0.01, 0.5, 20}
		}
		m.Rates.AddN(1, 1000)
		m.Counts.AddN(1, 1000)
		m.Attributes = ofPoints(m.Totals, "large", "small", "huge", "input", "output", "secret", "known")
		got := strings.Join(strings.Fields(learntOf(t, h)), " ")
		if row.want == "" && (strings.Contains(got, "from:") || !strings.Contains(got, "base:")) || !strings.Contains(got, row.want) {
			_, metrics, _ := strings.Cut(got, "metrics:")
			t.Errorf("%s: want %q, got %.400s", row.why, row.want, metrics)
		}
	}
}

// TestMetricsOfManySeriesDoNotFollow: what dimensions may be together is bounded, as it is where
// systems are read.
func TestMetricsOfManySeriesDoNotFollow(t *testing.T) {
	words := func(n uint64) (all []string) {
		for i := range n {
			all = append(all, string([]byte{'k' + byte(i/10), 'm' + byte(i%10)}))
		}
		return all
	}
	for _, row := range []struct {
		name string
		of   []uint64 // how many words keys a, b and c have
		want string
	}{
		{"few", []uint64{50, 50, 20}, "dimensions: [a, b, c]"},
		{"many", []uint64{50, 50, 21}, ""},
		{"many of one", []uint64{60}, "dimensions: [a]"},
	} {
		h := asked()
		m := h.metric("web", "bot.asks", "{call}", otlp.MetricSum, 1)
		m.Monotonic, m.Attributes = true, make(map[string]*profile.Attribute)
		m.Rates.AddN(1, 1000)
		m.Totals = make([]profile.Total, 1000)
		for i, n := range row.of {
			key, all := string(rune('a'+i)), words(n)
			h.Classes[20].Attributes[key] = texts(key, 1000, all...)
			m.Attributes[key] = texts(key, 1000, all...)
			for k := range m.Totals {
				m.Totals[k].Sum = 1
				m.Totals[k].Values = append(m.Totals[k].Values, profile.TotalValue{Key: key, Hash: sketch.Hash(otlp.KindString, []byte(all[k%len(all)]))})
			}
		}
		got := learntOf(t, h)
		if strings.Contains(got, "from:") != (row.want != "") || !strings.Contains(got, row.want) {
			_, metrics, _ := strings.Cut(got, "metrics:")
			t.Errorf("%s: want %q, got %.400s", row.name, row.want, metrics)
		}
	}
}

// TestMetricsDoNotFollowFromWhatIsLeftOut: spans below what begins traces in orders that too few
// sessions have are not written, and no metric follows from them, be it that choices have words.
func TestMetricsDoNotFollowFromWhatIsLeftOut(t *testing.T) {
	for sessions, follows := range map[uint64]bool{4: false, 40: true} {
		h, web := asking()
		for id, model := range map[uint64]string{20: "m1", 40: "m2"} {
			does(web, 500, 5, []uint64{id})
			h.calls(id, "chat", model+".example", "", 500).Attributes["ai.model"] = texts("ai.model", 500, model)
		}
		h.ofSessions("ai.model", "m1", "m2")
		h.class(100, "web", "POST /tidy", otlp.SpanKindServer, "", 40, 5).Roots = 40
		does(h.Classes[100], 40, 5, []uint64{120})
		tidy := h.class(120, "web", "tidy", otlp.SpanKindInternal, "", 40, 90)
		tidy.Above = 100
		does(tidy, 40, 90)
		for _, c := range h.Classes {
			c.Duration = c.Own
		}
		once := new(sketch.Numbers)
		once.AddN(1, 300)
		h.Sessions.Orders = map[uint64]*profile.Order{
			1: {Sessions: 300, Roots: []uint64{10}, Counts: []*sketch.Numbers{once}},
			2: {Sessions: sessions, Roots: []uint64{100}, Counts: []*sketch.Numbers{once}},
		}
		m := h.metric("web", "tidy.duration", "s", otlp.MetricHistogram, 1)
		m.Buckets.Bounds = []float64{0.01, 0.5, 20}
		m.Counts.AddN(1, 40)
		m.Totals = []profile.Total{total(40, 40*tidy.Duration.Mean()/1e9)}
		got := learntOf(t, h)
		if !strings.Contains(got, "when: {model: [m1]}") || strings.Contains(got, "from: tidy") != follows || strings.Contains(got, "span: tidy") != follows {
			t.Errorf("%d sessions: want from: %t in\n%s", sessions, follows, got)
		}
	}
}
