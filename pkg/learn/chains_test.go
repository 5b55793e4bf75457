package learn

import (
	"fmt"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
)

// agents is a profile of tool calls in two ways, each of an attempt that a service answers:
// execute 20 and 60, their attempts 40 and 80, serve 100.
func agents() *hand {
	h := newHand(1000)
	web := h.class(10, "web", "POST /ask", otlp.SpanKindServer, "", 1000, 5)
	web.Roots = 1000
	does(web, 600, 5, []uint64{20})
	does(web, 400, 5, []uint64{60})
	for _, x := range []struct{ id, spans uint64 }{{20, 600}, {60, 400}} {
		execute := h.class(x.id, "web", "execute", otlp.SpanKindInternal, "", x.spans, 5)
		execute.Above, execute.Begins = 10, fmt.Sprint("attempt ", x.id)
		does(execute, x.spans, 5, []uint64{x.id + 20})
		attempt := h.class(x.id+20, "web", "attempt", otlp.SpanKindClient, "", x.spans, 5)
		attempt.Above = x.id
		does(attempt, x.spans, 5, []uint64{100})
	}
	does(h.class(100, "tools", "serve", otlp.SpanKindServer, "", 1000, 5), 1000, 5)
	return h
}

// has gives the spans of a class values, which so many of a hundred have like the spans above.
func (h *hand) has(id profile.ClassID, key string, alike uint64, values ...string) {
	c := h.Classes[id]
	a := texts(key, c.Spans, values...)
	if alike > 0 {
		a.Above, a.AboveAlike = c.Spans, alike*c.Spans/100
	}
	c.Attributes[key] = a
}

// callIDs are many ids.
func callIDs(n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf("call_%08x%08x", uint32(i+1)*2654435761, uint32(i+7)*2246822519))
	}
	return out
}

// TestIDsOfChainsAreLearnt: ids that spans have like those above are one value of theirs, from
// the first that has them on, also in what they tell; others are their own.
func TestIDsOfChainsAreLearnt(t *testing.T) {
	ids := callIDs(1000)
	for _, c := range []struct {
		name      string
		alike     uint64
		want, not []string
	}{
		{"below each other", 100, []string{`call_id: {pattern: "call_{hex:16}", pool: `, ", per: span}", "ai.call.id: {use: call_id}"}, []string{"ai.call.id: {pattern"}},
		{"nearly always", 98, []string{"per: span"}, nil},
		{"by chance", 50, []string{`ai.call.id: {pattern: "call_{hex:16}"}`}, []string{"per: span", "use:"}},
	} {
		h := agents()
		h.has(20, "ai.call.id", 0, ids[:600]...)
		h.has(40, "ai.call.id", c.alike, ids[:600]...)
		h.has(100, "ai.call.id", c.alike, ids...)
		h.has(60, "ai.call.id", 0, ids[600:]...)
		h.has(80, "ai.call.id", c.alike, ids[600:]...)
		chosen := &profile.Event{Count: 600, Spans: 600, Traces: 600, Attributes: map[string]*profile.Attribute{"id": texts("id", 600, ids...), "ai.call.id": texts("ai.call.id", 600, ids...)}}
		h.Classes[40].Events["chosen"] = chosen
		got := learntOf(t, h)
		says(t, c.name, got, c.want, c.not)
		if n := strings.Count(got, "{use: call_id}"); c.alike > 90 && n != 6 {
			t.Errorf("%s: %d uses in\n%s", c.name, n, got)
		}
	}
}

// TestNumbersOfChainsAreLearnt: many numbers likewise, where they are of one distribution.
func TestNumbersOfChainsAreLearnt(t *testing.T) {
	for _, c := range []struct {
		name      string
		factor    uint64 // of those in the second way
		alike     uint64
		want, not []string
	}{
		{"below each other", 1, 100, []string{"size:", "per: span", "ai.body.size: {use: size}"}, []string{"ai.body.size: {dist"}},
		{"by chance", 1, 40, nil, []string{"per: span", "use:"}},
		{"of two sizes", 50, 100, nil, []string{"per: span", "use:"}},
	} {
		h := agents()
		for _, x := range []struct {
			id     profile.ClassID
			above  bool
			factor uint64
		}{{20, false, 1}, {40, true, 1}, {60, false, c.factor}, {80, true, c.factor}, {100, true, 1}} {
			spans := h.Classes[x.id].Spans
			a := ints(spans, 64, func(i uint64) uint64 { return (100 + i*7919%900) * x.factor })
			if x.above {
				a.Above, a.AboveAlike = spans, c.alike*spans/100
			}
			h.Classes[x.id].Attributes["ai.body.size"] = a
		}
		got := learntOf(t, h)
		says(t, c.name, got, c.want, c.not)
		if n := strings.Count(got, "{use: size}"); c.want != nil && n != 5 {
			t.Errorf("%s: %d uses in\n%s", c.name, n, got)
		}
	}
}

// TestFewSpansHaveTheWordsAbove: what fails now and then by its word goes on with that of the
// span above, which does not know that it will.
func TestFewSpansHaveTheWordsAbove(t *testing.T) {
	h := agents()
	late := h.class(41, "web", "attempt", otlp.SpanKindClient, "timeout", 20, 5)
	late.Above = 20
	does(late, 20, 5)
	execute := h.Classes[20]
	execute.Productions = map[uint64]*profile.Production{}
	does(execute, 580, 5, []uint64{40})
	does(execute, 20, 5, []uint64{41}, []uint64{40})
	h.has(20, "ai.tool.name", 0, "find", "close")
	h.has(40, "ai.tool.name", 100, "find", "close")
	h.has(41, "ai.tool.name", 100, "close")
	h.has(60, "ai.tool.name", 0, "find")
	h.has(80, "ai.tool.name", 100, "find")
	got := learntOf(t, h)
	says(t, "few", got, []string{"ai.tool.name: {use: tool_name}", "per: span"}, []string{"ai.tool.name: close", "is: close"})
}

// TestWordsOfChainsAreLearnt: each first span says which words it has, those below have its, and
// what goes with a word follows from it, also where spans in between have that alone. Where
// spans below do other things by their words, they have their own.
func TestWordsOfChainsAreLearnt(t *testing.T) {
	const hidden = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
	for _, c := range []struct {
		name       string
		a, b       []string // of execute, and of what it attempts
		last       string   // the third word
		want, not  []string
		attempting []string // another one of attempts of the first way
	}{
		{"words", []string{"u1", "u2"}, []string{"find", "close"}, "u3", []string{
			"tool_id: {distribution: categorical, values: {u3: 40, u1: 30, u2: 30}, per: span}",
			"tool_name: {follows: tool_id, values: {u3: find, u1: find, u2: close}}",
			"ai.tool.id: {use: tool_id, is: {u1: 50, u2: 50}}", "ai.tool.id: {use: tool_id, is: u3}", "ai.tool.id: {use: tool_id}", "ai.tool.name: {use: tool_name}",
		}, []string{"ai.tool.name: find", "ai.tool.name: {distribution"}, nil},
		{"words that may not be said", []string{hidden, "8" + hidden[1:]}, []string{"find", "close"}, "9" + hidden[1:], []string{
			"tool_name:\n    follows: tool_id", "ai.tool.name: {use: tool_name}", "use: tool_id",
		}, []string{hidden[1:], "ai.tool.name: find"}, nil},
		{"what is done follows from the word", []string{"u1", "u2"}, []string{"find", "close"}, "u3", []string{"is: close"}, nil, []string{"close"}},
		{"constants", []string{"u1"}, []string{"find"}, "u1", []string{"ai.tool.id: u1", "ai.tool.name: find"}, []string{"per: span"}, nil},
	} {
		h := agents()
		h.has(20, "ai.tool.id", 0, c.a...)
		h.has(20, "ai.tool.name", 0, c.b...)
		attempts := c.b
		if c.attempting != nil {
			attempts = c.attempting
		}
		h.has(40, "ai.tool.name", 100, attempts...)
		h.has(60, "ai.tool.id", 0, c.last)
		h.has(60, "ai.tool.name", 0, "find")
		h.has(80, "ai.tool.name", 100, "find")
		var served, named []string
		for i := range 10 {
			served, named = append(served, c.a[i%len(c.a)]), append(named, c.b[i%len(c.a)])
			if i >= 6 {
				served[i], named[i] = c.last, "find"
			}
			if i < 6 && c.attempting != nil {
				served[i], named[i] = c.a[1], c.b[1]
			}
		}
		h.has(100, "ai.tool.id", 0, served...)
		h.has(100, "ai.tool.name", 100, named...)
		says(t, c.name, learntOf(t, h), c.want, c.not)
	}
}
