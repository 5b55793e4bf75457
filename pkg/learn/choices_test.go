package learn

import (
	"math"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
)

// ofSessions says of a key that all traces and sessions have one value of it, of these with their
// shares.
func (h *hand) ofSessions(key string, values ...string) {
	all := texts(key, 1000, values...)
	h.Keys[key] = &profile.Key{Spans: 1000, Traces: 1000, Alike: 1000, Sessions: 300, SessionAlike: 300, Values: all.Values}
}

// TestChoicesHangOnSeveralValues: each choice hangs on that value of the session which tells what
// is done, be it said by what stands for it, and classes with some of its words have it; what
// follows from it has none of its own.
func TestChoicesHangOnSeveralValues(t *testing.T) {
	const first, second = "7c9e6679-7425-40de-944b-e07fc1f90ae7", "0fe1a2b3-aaaa-4bcd-8765-1234567890ab"
	h, web := asking()
	call := func(id uint64, name, address string, spans uint64, told map[string]string) {
		x := h.calls(id, name, address, "", spans)
		for key, value := range told {
			x.Attributes[key] = texts(key, spans, value)
		}
	}
	call(20, "chat", "a.example", 600, map[string]string{"ai.model": "m1"})
	call(40, "chat", "b.example", 400, map[string]string{"ai.model": "m2"})
	call(60, "fetch", "c.example", 700, map[string]string{"tool.server.uuid": first, "tool.version": "v1"})
	call(80, "fetch", "d.example", 300, map[string]string{"tool.server.uuid": second, "tool.version": "v2"})
	for _, ids := range [][2]uint64{{20, 40}, {60, 80}} {
		id := ids[0] + 100
		task := h.class(id, "web", "task", otlp.SpanKindInternal, "", 1000, 5)
		task.Above, task.Begins = 10, h.Classes[profile.ClassID(ids[0])].Name
		for _, of := range ids {
			does(task, h.Classes[profile.ClassID(of)].Spans, 5, []uint64{of})
		}
	}
	does(web, 1000, 5, []uint64{120}, []uint64{160})
	h.ofSessions("ai.model", "m1", "m1", "m1", "m2", "m2")
	h.ofSessions("tool.server.uuid", first, first, first, first, first, first, first, second, second, second)
	h.ofSessions("tool.version", "v1", "v1", "v1", "v1", "v1", "v1", "v1", "v2", "v2", "v2")
	says(t, "two values", learntOf(t, h), []string{
		"when: {model: [m1]}", "when: {model: [m2]}", "ai.model: {use: model}",
		"when: {uuid: [",
		"tool.server.uuid: {use: uuid}", "follows: uuid", "tool.version: {use: version}",
	}, []string{"ai.model: m", "tool.version: v", first, second, "when: {version"})
}

// TestChoicesOfNamesWithTheWord: spans that are called after the word which they have, or after something
// else that they say, are chosen by it; what they are called by their method alone is not.
func TestChoicesOfNamesWithTheWord(t *testing.T) {
	for _, c := range []struct {
		key   string
		names [2]string
		extra [2]string // of another key
		want  bool
	}{
		{"ai.model", [2]string{"chat large", "chat small"}, [2]string{}, true},
		{"ai.server", [2]string{"call pay", "call buy"}, [2]string{"pay", "buy"}, true},
		{"ai.server", [2]string{"call pay", "call buy"}, [2]string{}, false},
		{"http.request.method", [2]string{"large /items", "small /items"}, [2]string{}, false},
	} {
		h, web := asking()
		for i, word := range []string{"large", "small"} {
			id, spans := uint64(20+20*i), uint64(600-200*i)
			x := h.calls(id, c.names[i], word+".example", "", spans)
			x.Attributes[c.key] = texts(c.key, spans, word)
			if c.extra[i] != "" {
				x.Attributes["ai.tool"] = texts("ai.tool", spans, c.extra[i])
			}
			does(web, spans, 5, []uint64{id})
		}
		h.ofSessions(c.key, "large", "large", "large", "small", "small")
		if got := learntOf(t, h); strings.Contains(got, "when: {") != c.want {
			t.Errorf("%s of %q: %s", c.key, c.names, got)
		}
	}
}

// TestWeightsComeToShares: by the weights that are looked for, alternatives of which some are there
// with some words come to the shares that they have.
func TestWeightsComeToShares(t *testing.T) {
	set := func(words ...string) map[string]bool {
		out := make(map[string]bool)
		for _, word := range words {
			out[word] = true
		}
		return out
	}
	x := &hanging{words: []string{"a", "b", "c"}, share: map[string]float64{"a": 0.5, "b": 0.3, "c": 0.2}}
	for _, c := range []struct {
		shares []float64
		sets   []map[string]bool
	}{
		{[]float64{0.5, 0.3, 0.2}, []map[string]bool{set("a"), set("b"), set("c")}},
		{[]float64{0.3, 0.2, 0.5}, []map[string]bool{set("a"), set("b", "c"), nil}},
		{[]float64{0.3, 0.4, 0.1, 0.2}, []map[string]bool{set("a", "b"), set("b", "c"), set("c"), set("a")}},
	} {
		weights, come := x.weights(c.shares, c.sets)
		if !comeNear(c.shares, come, 0) {
			t.Errorf("%v: weights %v do not come to %v", c.sets, weights, c.shares)
		}
		for i, share := range c.shares {
			got := 0.0
			for _, word := range x.words {
				sum := 0.0
				for k, set := range c.sets {
					if set == nil || set[word] {
						sum += weights[k]
					}
				}
				if set := c.sets[i]; set == nil || set[word] {
					got += x.share[word] * weights[i] / sum
				}
			}
			if math.Abs(got-share) > 0.01 {
				t.Errorf("%v: alternative %d of weight %v comes to %v, not %v", c.sets, i, weights[i], got, share)
			}
		}
		if x.gain(c.shares, c.sets) < leastGain {
			t.Errorf("%v: the words tell nothing", c.sets)
		}
	}
	shares := []float64{0.5, 0.5}
	if _, come := x.weights(shares, []map[string]bool{set("a", "b"), set("c")}); comeNear(shares, come, 0.1) {
		t.Errorf("what is done half the time comes to %v with a word that is there a fifth of it", come)
	}
	if gain := x.gain([]float64{0.5, 0.5}, []map[string]bool{set("a"), set("a")}); gain >= leastGain {
		t.Errorf("words that all alternatives have tell %v of which it is", gain)
	}
}
