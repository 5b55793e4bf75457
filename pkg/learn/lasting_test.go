package learn

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/learn/privacy"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// TestHowLongSpansLastWithAWord is learnt where a metric tells the mean by that: the parts are those
// of what was mixed, and together they are what was seen.
func TestHowLongSpansLastWithAWord(t *testing.T) {
	for _, c := range []struct {
		name      string
		slow      float64 // ms of m2, where m1 takes 100
		alike     uint64  // of 1,000 traces
		told      bool    // there is a metric
		splits    bool
		fast, all float64 // medians that are said, about; 0: none is
	}{
		{"far", 900, 1000, true, true, 100, 900},
		{"near", 180, 1000, true, true, 100, 180},
		{"the same", 110, 1000, true, false, 0, 0},
		{"one for each call", 900, 500, true, false, 0, 0},
		{"nobody tells", 900, 1000, false, false, 0, 0},
	} {
		h := newHand(1000)
		web := h.class(10, "web", "POST /ask", otlp.SpanKindServer, "", 1000, 5)
		web.Roots = 1000
		does(web, 800, 5, []uint64{20})
		does(web, 200, 5, []uint64{40})
		m := h.metric("web", "ask.duration", "s", otlp.MetricHistogram, 1)
		m.Counts.AddN(1, 1000)
		chat := func(id uint64, address string, of map[string]float64) {
			x := h.class(id, "web", "chat", otlp.SpanKindClient, "", 400*uint64(len(of)), 1)
			x.Above, x.Target, x.Own = 10, address, new(sketch.Numbers)
			does(x, x.Spans, 1)
			var models []string
			for model, ms := range of {
				models = append(models, model)
				part := new(sketch.Numbers)
				spread(part, ms, 400)
				x.Own.Merge(part)
				x.Duration.Merge(part)
				m.Totals = append(m.Totals, profile.Total{Count: 400, Sum: float64(part.Mean() * 400 / 1e9), Values: []profile.TotalValue{{Key: "ai.model", Hash: sketch.Hash(otlp.KindString, []byte(model))}}})
			}
			x.Attributes["ai.model"] = texts("ai.model", x.Spans, models...)
			for _, p := range x.Productions {
				p.Own, p.Duration = x.Own, x.Duration
			}
		}
		chat(20, "a.example", map[string]float64{"m1": 100, "m2": c.slow})
		chat(40, "b.example", map[string]float64{"m3": 300})
		if m.Attributes = map[string]*profile.Attribute{"ai.model": texts("ai.model", 1000, "m1", "m2", "m3")}; !c.told {
			m.Totals = nil
		}
		all := texts("ai.model", 1200, "m1", "m2", "m3")
		h.Keys["ai.model"] = &profile.Key{Spans: 1200, Traces: 1000, Alike: c.alike, Sessions: 300, SessionAlike: 300 * c.alike / 1000, Values: all.Values}
		h.Sessions.Count = 300
		text := strings.Join(strings.Fields(learntOf(t, h)), " ")
		for word, want := range map[string]float64{"m1": c.fast, "m2": c.all} {
			_, at, found := strings.Cut(text, "when: {model: ["+word+"]}")
			if found != c.splits {
				t.Errorf("%s, %s: apart: %v in\n%s", c.name, word, found, text)
				continue
			}
			var got float64
			if _, at, _ = strings.Cut(at, "median_ms: "); found {
				fmt.Sscanf(at, "%g", &got)
			}
			if math.Abs(got-want) > 0.07*want {
				t.Errorf("%s, %s: a median of %v, want %v in\n%s", c.name, word, got, want, text)
			}
		}
	}
}

// TestPartsOfADistribution come to all of it, and to the shares and about the means that they
// should have.
func TestPartsOfADistribution(t *testing.T) {
	own := new(sketch.Numbers)
	spread(own, 50, 6000)
	spread(own, 70, 3000)
	spread(own, 400, 1000)
	parts := []lasting{{share: 0.6, mean: 52.3e6}, {share: 0.3, mean: 73.2e6}, {share: 0.1, mean: 418e6}}
	split(own, parts)
	back, count := new(sketch.Numbers), uint64(0)
	for _, p := range parts {
		back.Merge(p.own)
		count += p.own.Count()
		if n := float64(p.own.Count()) / 10_000; math.Abs(n-p.share) > 0.002 {
			t.Errorf("a share of %v, want %v", n, p.share)
		}
		if got := p.own.Mean(); math.Abs(got-p.mean) > 0.12*p.mean {
			t.Errorf("a mean of %v, want %v", got, p.mean)
		}
	}
	if d := sketch.KS(own, back); d > 0.002 || count < 9_990 || count > 10_000 {
		t.Errorf("all parts are %v from the whole, and %d of 10,000", d, count)
	}
}

// TestNumbersWithAWord: what spans count is learnt with a word as how long they last is, where a
// metric has the sums of it.
func TestNumbersWithAWord(t *testing.T) {
	h := newHand(1000)
	web := h.class(10, "web", "POST /ask", otlp.SpanKindServer, "", 1000, 5)
	web.Roots = 1000
	does(web, 1000, 5, []uint64{20})
	c := h.class(20, "web", "chat", otlp.SpanKindClient, "", 1000, 100)
	c.Above, c.Own = 10, new(sketch.Numbers)
	lasts := h.metric("web", "ask.duration", "s", otlp.MetricHistogram, 1)
	sent := h.metric("web", "ask.sent", "{token}", otlp.MetricSum, 1)
	lasts.Counts.AddN(1, 1000)
	sent.Rates.AddN(1, 1000)
	sent.Monotonic = true
	a := &profile.Attribute{Present: 1000, Traces: 1000, Values: sketch.NewValues(8), Numbers: new(sketch.Numbers)}
	a.Kinds[otlp.KindInt] = 1000
	for model, scale := range map[string]float64{"m1": 1, "m2": 5} { // order-free: sums
		part, sum := new(sketch.Numbers), 0.0
		spread(part, 100*scale, 500)
		c.Own.Merge(part)
		for i := range uint64(500) {
			n := uint64(scale * float64(100+i%50))
			a.Numbers.Add(float64(n))
			a.Values.AddWord(otlp.KindInt, n, 1, i+1)
			sum += float64(n)
		}
		of := []profile.TotalValue{{Key: "ai.model", Hash: sketch.Hash(otlp.KindString, []byte(model))}}
		lasts.Totals = append(lasts.Totals, profile.Total{Count: 500, Sum: float64(part.Mean() * 500 / 1e9), Values: of})
		sent.Totals = append(sent.Totals, profile.Total{Sum: sum, Values: of})
	}
	c.Duration = c.Own
	does(c, 1000, 1)
	c.Productions[1].Own, c.Productions[1].Duration = c.Own, c.Own
	c.Attributes["ai.model"], c.Attributes["ai.sent"] = texts("ai.model", 1000, "m1", "m2"), a
	lasts.Attributes, sent.Attributes = c.Attributes, c.Attributes
	h.Keys["ai.model"] = &profile.Key{Spans: 1000, Traces: 1000, Alike: 1000, Sessions: 300, SessionAlike: 300, Values: c.Attributes["ai.model"].Values}
	h.Sessions.Count = 300
	for i, of := range []string{"a.example", "b.example"} { // on which the choice hangs
		x := h.class(uint64(40+20*i), "web", "look", otlp.SpanKindClient, "", 500, 5)
		x.Above, x.Target = 10, of
		does(x, 500, 5)
		x.Attributes["ai.model"] = texts("ai.model", 500, []string{"m1", "m2"}[i])
	}
	text := strings.Join(strings.Fields(learntOf(t, h)), " ")
	for word, want := range map[string][2]float64{"m1": {100, 150}, "m2": {500, 750}} { // order-free: each alone
		_, at, _ := strings.Cut(text, "when: {model: ["+word+"]} span: chat")
		_, at, _ = strings.Cut(at, "ai.sent: distribution: ") // by quantiles, or one by one
		var first float64
		if fmt.Sscanf(at[max(0, strings.IndexAny(at, "0123456789")):], "%g", &first); first < 0.95*want[0] || first > want[1] {
			t.Errorf("%s: from %v, want from %v in\n%s", word, first, want[0], text)
		}
	}
}

// TestMeansAreOfTheKeyThatTellsTheParts: what a metric comes to by a word that goes with several parts,
// as the maker of models does, says nothing of each, and by one that goes with one it does.
func TestMeansAreOfTheKeyThatTellsTheParts(t *testing.T) {
	policy, err := privacy.New(privacy.Options{})
	if err != nil {
		t.Fatal(err)
	}
	on := &hanging{keys: map[string]map[string][]string{
		"ai.maker": {"here": {"m1", "m2"}, "there": {"m3"}}, "ai.model": {"m1": {"m1"}, "m2": {"m2"}, "m3": {"m3"}},
	}}
	parts := []lasting{{on: on, words: map[string]bool{"m1": true}, share: 0.5}, {on: on, words: map[string]bool{"m2": true}, share: 0.5}}
	x, sums := &giver{attributes: map[string]*given{}}, &amount{by: map[string]map[uint64]float64{}}
	for key, words := range map[string][]string{"ai.maker": {"here", "there"}, "ai.model": {"m1", "m2"}} {
		x.attributes[key], sums.by[key] = &given{values: map[uint64]float64{}}, map[uint64]float64{}
		for i, v := range texts(key, 100, words...).Values.Kept() {
			x.attributes[key].values[v.Hash()], sums.by[key][v.Hash()] = 50, float64(50*(i+1))
		}
	}
	w := &writer{policy: policy}
	if got, _, _ := w.meansOf(x, parts, "ai.maker", texts("ai.maker", 100, "here", "there").Values, sums); got != nil {
		t.Errorf("means by the maker are %v, want none", got)
	}
	if got, least, most := w.meansOf(x, parts, "ai.model", texts("ai.model", 100, "m1", "m2").Values, sums); len(got) != 2 || least != 1 || most != 2 {
		t.Errorf("means by the model are %v, from %v to %v, want 1 and 2", got, least, most)
	}
}
