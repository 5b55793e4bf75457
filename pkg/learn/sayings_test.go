package learn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/learn/privacy"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/intake"
)

// tooled is a profile of sessions of two tenants, of two traces each, with three calls of the tools
// that tool tells for a trace of a tenant; all spans below say whose they are. Attempts say the tool
// too where there are some.
func tooled(sessions int, attempts bool, tool func(trace int, tenant string, k int) string) *hand {
	b := profile.NewBuilder(profile.Options{})
	text := func(key, value string) intake.Attribute {
		return intake.Attribute{Key: []byte(key), Kind: otlp.KindText, Text: []byte(value)}
	}
	web := &intake.Resource{Hash: 1, Service: "web"}
	for i := range 2 * sessions {
		tenant, start := []string{"acme", "blue"}[i/2%2], uint64(1e18)+uint64(i)*1e9
		spans := []intake.Span{{Parent: -1, ID: otlp.SpanID{1}, Resource: web, Kind: otlp.SpanKindServer, Name: []byte("POST /ask"), Start: start, End: start + 1e8,
			Attributes: []intake.Attribute{text("session.id", fmt.Sprintf("s-%016x", i/2)), text("shop.tenant", tenant)}}}
		add := func(parent int32, kind uint8, name string, at, lasts uint64, tool string) int32 {
			n := len(spans)
			spans = append(spans, intake.Span{Parent: parent, ID: otlp.SpanID{byte(n + 1)}, Resource: web, Kind: kind, Name: []byte(name), Start: start + at, End: start + at + lasts,
				Attributes: []intake.Attribute{text("shop.tenant", tenant), text("ai.tool", tool), {Key: []byte("ai.asks"), Kind: otlp.KindInt, Word: uint64(len(tool))}}})
			return int32(n)
		}
		for k := range 3 {
			word := tool(i, tenant, k)
			x := add(0, otlp.SpanKindInternal, "execute", uint64(k+1)*2e7, 1e7, word)
			if attempts {
				add(x, otlp.SpanKindInternal, "attempt", uint64(k+1)*2e7+1e6, 8e6, word)
			}
		}
		b.Trace(&intake.Trace{ID: otlp.TraceID{byte(i >> 8), byte(i), 1}, Spans: spans})
	}
	return &hand{b.Finish()}
}

// TestWordsOfSpansThatDependOnASession: which words they have is said by the value that tells it,
// where spans below have them, too, and where none has.
func TestWordsOfSpansThatDependOnASession(t *testing.T) {
	tools := map[string][]string{"acme": {"find", "find", "close"}, "blue": {"find", "pay", "pay"}}
	for _, attempts := range []bool{false, true} {
		got := strings.Join(strings.Fields(learntOf(t, tooled(200, attempts, func(_ int, tenant string, k int) string { return tools[tenant][k] }))), " ")
		want := []string{
			"tool: {distribution: categorical, values: {find: 50, pay: 33.3, close: 16.7}, per: span}", "tenant: {distribution: categorical, values: {acme: 50, blue: 50}, per: session}",
			"{when: {tenant: [acme]}, words: {find: 66.7, close: 33.3}}", "{when: {tenant: [blue]}, words: {pay: 66.7, find: 33.3}}",
		}
		if attempts {
			want = append(want, "ai.tool: {use: tool}")
		}
		says(t, fmt.Sprint("attempts ", attempts), got, want, []string{"ai.tool: find"})
		if !attempts {
			says(t, "numbers", got, []string{"ai.asks: {distribution"}, []string{"words: {3:", "words: {4:"})
		}
	}
	one := strings.Join(strings.Fields(learntOf(t, tooled(200, false, func(_ int, tenant string, k int) string {
		if tenant == "acme" {
			return "find"
		}
		return tools[tenant][k]
	}))), " ")
	says(t, "one word", one, []string{"{when: {tenant: [acme]}, words: find}"}, nil)
}

// TestWordsOfSpansThatDependOnNothing: where sessions of all sorts say the same but for chance,
// spans draw their words by themselves, however few there are.
func TestWordsOfSpansThatDependOnNothing(t *testing.T) {
	for _, sessions := range []int{12, 40, 200} {
		for seed := range uint64(20) {
			r := rand.New(rand.NewPCG(seed, 3))
			got := learntOf(t, tooled(sessions, false, func(int, string, int) string { return []string{"find", "pay", "close", "find"}[r.IntN(4)] }))
			says(t, fmt.Sprint(sessions, " sessions, seed ", seed), got, []string{"ai.tool:"}, []string{"per: span", "words:"})
		}
	}
}

// TestRareWordsOfSortsAreNotSaid: what fewer traces of a sort of sessions have than have to have it is
// not said of that, however many others have it.
func TestRareWordsOfSortsAreNotSaid(t *testing.T) {
	for traces, want := range map[int]string{9: "{when: {tenant: [blue]}, words: pay}", 10: "{when: {tenant: [blue]}, words: {pay: 98.3, audit: 1.67}}"} {
		left := traces
		got := strings.Join(strings.Fields(learntOf(t, tooled(200, false, func(_ int, tenant string, k int) string {
			switch {
			case tenant == "acme":
				return []string{"find", "audit", "find"}[k]
			case k == 0 && left > 0:
				left--
				return "audit"
			}
			return "pay"
		}))), " ")
		says(t, fmt.Sprint(traces, " traces"), got, []string{"{when: {tenant: [acme]}, words: {find: 66.7, audit: 33.3}}", want}, nil)
	}
}

// TestWordsAreAsFrequentInAll: sessions with some words of a value may come to more spans, which is
// not said; words are as frequent as they are all the same, and only those that are there.
func TestWordsAreAsFrequentInAll(t *testing.T) {
	part := func(share float64, values ...privacy.Value) saying {
		return saying{share: share, spec: &privacy.Spec{Values: values}}
	}
	parts := []saying{part(0.5, privacy.Value{Text: "find", Weight: 80}, privacy.Value{Text: "note", Weight: 20}), part(0.5, privacy.Value{Text: "find", Weight: 100}, privacy.Value{Text: "pay", Weight: 200})}
	evened(parts)
	got := make(shares)
	for _, p := range parts {
		got.add(p.spec.Values, p.share)
		for _, v := range p.spec.Values {
			if v.Weight < 1000 {
				t.Errorf("%s: weight %d", v.Text, v.Weight)
			}
		}
	}
	for word, want := range map[string]float64{"find": 0.45, "note": 0.05, "pay": 0.5} {
		if math.Abs(got[word]-want) > 0.02 {
			t.Errorf("%s: %v, want %v", word, got[word], want)
		}
	}
}

// TestSortsOfSessionsTellFirst: what is said is asked of sorts of sessions before anything that hangs
// on another value, and of values on which nothing hangs last.
func TestSortsOfSessionsTellFirst(t *testing.T) {
	var visits []visit
	for i := range 2 {
		model := fmt.Sprint("m", i+1)
		visits = append(visits, visit{"acme", "alpha", model, "z"}, visit{"acme", "alpha", model, "z"}, visit{"blue", "gamma", model, "z"}, visit{"blue", "beta", model, "z"}, visit{"acme", "gamma", model, "z"})
	}
	policy, err := privacy.New(privacy.Options{Public: privacy.Bundled()})
	if err != nil {
		t.Fatal(err)
	}
	w, err := newWriter(visited(400, visits).Profile, policy, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(w.hangings)
	all := w.mayTell()
	var ranks []int
	for _, x := range all {
		ranks = append(ranks, x.rank())
	}
	if len(ranks) < 2 || ranks[0] != 2 || !slices.IsSortedFunc(ranks, func(a, b int) int { return b - a }) {
		t.Errorf("ranks %v", ranks)
	}
}
