package learn

import (
	"fmt"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/intake"
)

// searching is a profile of sessions of two traces, of two tenants by turns, each of which pays at an
// address of its own; of a hundred sessions of a tenant so many search where the others fetch.
func searching(sessions int, searches map[string]int) *hand {
	b := profile.NewBuilder(profile.Options{})
	text := func(key, value string) intake.Attribute {
		return intake.Attribute{Key: []byte(key), Kind: otlp.KindText, Text: []byte(value)}
	}
	web := &intake.Resource{Hash: 1, Service: "web"}
	for i := range 2 * sessions {
		session := i / 2
		tenant := []string{"acme", "blue"}[session%2]
		start := uint64(1e18) + uint64(i)*1e9
		span := func(n, parent int, kind uint8, name string, from, to uint64, attributes ...intake.Attribute) intake.Span {
			return intake.Span{Parent: int32(parent), ID: otlp.SpanID{byte(n + 1)}, Resource: web, Kind: kind, Name: []byte(name), Start: start + from, End: start + to, Attributes: attributes}
		}
		does := "fetch"
		if session/2%100 < searches[tenant] {
			does = "search"
		}
		b.Trace(&intake.Trace{ID: otlp.TraceID{byte(i >> 8), byte(i), 1}, Spans: []intake.Span{
			span(0, -1, otlp.SpanKindServer, "POST /ask", 0, 1e8, text("session.id", fmt.Sprintf("%016x", session)), text("shop.tenant", tenant)),
			span(1, 0, otlp.SpanKindInternal, "look", 1e7, 4e7),
			span(2, 1, otlp.SpanKindInternal, "prepare", 1e7, 2e7),
			span(3, 1, otlp.SpanKindInternal, does, 2e7, 3e7),
			span(4, 0, otlp.SpanKindClient, "pay", 5e7, 9e7, text("shop.tenant", tenant), text("server.address", tenant+".internal")),
		}})
	}
	return &hand{b.Finish()}
}

// TestWhatIsDoneMoreOftenWithAWordLeansOnIt: a search that one tenant mostly does is there for each
// tenant as often as it was; one that both do as often, or of which too little is known, is there by
// weight alone.
func TestWhatIsDoneMoreOftenWithAWordLeansOnIt(t *testing.T) {
	for _, c := range []struct {
		name     string
		sessions int
		searches map[string]int
		places   int
		want     []string
	}{
		{"one mostly", 400, map[string]int{"acme": 80, "blue": 20}, 2, []string{"weight: 40 when: {address: [acme.internal]} span: search", "weight: 10 when: {address: [blue.internal]} span: search"}},
		{"both", 400, map[string]int{"acme": 50, "blue": 50}, 1, []string{"{weight: 50, span: search"}},
		{"a little more", 400, map[string]int{"acme": 52, "blue": 48}, 1, []string{"{weight: 50, span: search"}},
		{"of a few", 20, map[string]int{"acme": 8, "blue": 2}, 1, nil},
	} {
		got := strings.Join(strings.Fields(learntOf(t, searching(c.sessions, c.searches))), " ")
		if n := strings.Count(got, "span: search"); n != c.places {
			t.Errorf("%s: searches stand at %d places, want %d, in\n%s", c.name, n, c.places, got)
		}
		says(t, c.name, got, c.want, nil)
	}
}
