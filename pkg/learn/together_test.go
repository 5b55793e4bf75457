package learn

import (
	"fmt"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/learn/privacy"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/intake"
)

// visit is what the two traces of a session have: on their first span and on what it calls.
type visit struct{ tenant, server, model, zone string }

// visited is a profile of sessions that are one of some by turns.
func visited(sessions int, visits []visit) *hand {
	b := profile.NewBuilder(profile.Options{})
	text := func(key, value string) intake.Attribute {
		return intake.Attribute{Key: []byte(key), Kind: otlp.KindText, Text: []byte(value)}
	}
	web := &intake.Resource{Hash: 1, Service: "web"}
	for i := range 2 * sessions {
		x := visits[i/2%len(visits)]
		start := uint64(1e18) + uint64(i)*1e9
		spans := []intake.Span{{Parent: -1, ID: otlp.SpanID{1}, Resource: web, Kind: otlp.SpanKindServer, Name: []byte("POST /ask"), Start: start, End: start + 1e8,
			Attributes: []intake.Attribute{text("session.id", fmt.Sprintf("%016x", i/2)), text("shop.tenant", x.tenant)}}}
		add := func(parent int32, kind uint8, name string, attributes ...intake.Attribute) int32 {
			n := uint64(len(spans))
			spans = append(spans, intake.Span{Parent: parent, ID: otlp.SpanID{byte(n + 1)}, Resource: web, Kind: kind, Name: []byte(name), Start: start + n*1e7, End: start + n*1e7 + 2e7 - n*1e6, Attributes: attributes})
			return int32(n)
		}
		call := func(name, key, value string) {
			add(add(0, otlp.SpanKindInternal, "to "+name), otlp.SpanKindClient, name, text(key, value), text("server.address", value+".internal"), text("shop.tenant", x.tenant), text("shop.zone", x.zone))
		}
		if x.server != "" {
			call("fetch", "tool.server", x.server)
		}
		call("chat", "ai.model", x.model)
		b.Trace(&intake.Trace{ID: otlp.TraceID{byte(i >> 8), byte(i), 1}, Spans: spans})
	}
	return &hand{b.Finish()}
}

// TestValuesThatDependOnEachOtherFollowFromSorts: values of a session on which choices hang, and
// which go together in some ways only, follow from one of which each word is such a way, and
// choices hang on that; one that goes with all others is drawn by itself.
func TestValuesThatDependOnEachOtherFollowFromSorts(t *testing.T) {
	var visits []visit
	for i := range 2 { // whatever the model is
		model := fmt.Sprint("m", i+1)
		visits = append(visits, visit{"acme", "alpha", model, "z"}, visit{"acme", "alpha", model, "z"}, visit{"blue", "gamma", model, "z"}, visit{"blue", "beta", model, "z"}, visit{"acme", "gamma", model, "z"})
	}
	got := strings.Join(strings.Fields(learntOf(t, visited(400, visits))), " ")
	says(t, "in some ways", got, []string{
		"kind: {distribution: categorical, values: {1: 40, 2: 20, 3: 20, 4: 20}, per: session}", "server: {follows: kind, values: {1: alpha, 2: beta, 3: gamma, 4: gamma}}",
		"tenant: {follows: kind, values: {1: acme, 2: blue, 3: acme, 4: blue}}", "when: {kind: [1]}", "when: {kind: [2]}", "when: {kind: [3, 4]}", "when: {model: [m1]}", "shop.tenant: {use: tenant}", "tool.server: {use: server}",
	}, []string{"when: {server", "when: {tenant", "model: {follows"})

	visits = nil
	for i := range 18 { // each with each
		visits = append(visits, visit{[]string{"acme", "blue"}[i%2], []string{"alpha", "beta", "gamma"}[i/2%3], fmt.Sprint("m", i/6+1), "z"})
	}
	got = learntOf(t, visited(540, visits))
	says(t, "in all ways", got, []string{"when: {server: [alpha]}", "when: {model: [m1]}", "tenant: {distribution"}, []string{"kind:\n", "follows: kind"})

	visits = nil
	for i := range 16 { // two and two
		one, other := [][2]string{{"acme", "alpha"}, {"acme", "gamma"}, {"blue", "beta"}, {"blue", "gamma"}}[i%4], [][2]string{{"m1", "in"}, {"m3", "in"}, {"m2", "out"}, {"m3", "out"}}[i/4]
		visits = append(visits, visit{one[0], one[1], other[0], other[1]})
	}
	got = strings.Join(strings.Fields(learntOf(t, visited(640, visits))), " ")
	says(t, "two and two", got, []string{"server: {follows: kind", "tenant: {follows: kind", "model: {follows: kind", "zone: {follows: kind", "follows: kind2"}, []string{"kind3"})
}

// TestWhatFailuresTellIsNoChoice: nothing hangs on a value that only spans which fail have.
func TestWhatFailuresTellIsNoChoice(t *testing.T) {
	for _, outcome := range []string{"", "500"} {
		h, web := asking()
		for id, cause := range map[uint64]string{20: "late", 40: "wrong"} {
			does(web, 500, 5, []uint64{id})
			h.calls(id, "call", cause, outcome, 500).Attributes["call.cause"] = texts("call.cause", 500, cause)
		}
		h.ofSessions("call.cause", "late", "wrong")
		if got := learntOf(t, h); strings.Contains(got, "when: {cause") != (outcome == "") {
			t.Errorf("%q: choices of failures, or none of others, in\n%s", outcome, got)
		}
	}
}

// TestFewSessionsDependByChance: of few sessions some values seem to depend on each other that do
// not, and of many it is seen that they do.
func TestFewSessionsDependByChance(t *testing.T) {
	counts := func(sessions uint64) []combination {
		return []combination{{words: []int{0, 0}, sessions: 12 * sessions}, {words: []int{0, 1}, sessions: 8 * sessions}, {words: []int{1, 0}, sessions: 6 * sessions}, {words: []int{1, 1}, sessions: 14 * sessions}, {words: []int{-1, 1}, sessions: 99}}
	}
	if few, many := depend(counts(1), 0, 1), depend(counts(100), 0, 1); few > leastTogether || many < leastTogether {
		t.Errorf("few depend by %v, many by %v", few, many)
	}
}

// TestSortsAreAsFrequentAsTheirRequests: what is told once for each request is drawn as often, however
// many traces the sessions have that get so far.
func TestSortsAreAsFrequentAsTheirRequests(t *testing.T) {
	counts := []combination{
		{words: []int{0, 0}, sessions: 90, traces: 270, with: []uint64{90, 90}}, // three traces each
		{words: []int{1, 1}, sessions: 10, traces: 10, with: []uint64{10, 10}},  // blocked at the first
	}
	policy, err := privacy.New(privacy.Options{MinTraces: 10})
	if err != nil {
		t.Fatal(err)
	}
	sorts := (&writer{policy: policy}).sortsOf(counts, []int{0, 1})
	if len(sorts) != 2 || sorts[0].draws() != 90 || sorts[1].draws() != 10 {
		t.Errorf("got %+v, want 90 and 10 requests", sorts)
	}
	if none := (&combination{traces: 7, with: []uint64{0}}); none.draws() != 7 {
		t.Errorf("got %d of what has no value, want 7", none.draws())
	}
}
