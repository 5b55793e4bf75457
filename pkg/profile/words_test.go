package profile

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile/intake"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// desk is traces of sessions of two tenants, two each, whose calls are of tools: acme has find
// and close by turns, blue has pay. Only the first trace of a session says whose it is.
func desk(sessions bool) (out []*intake.Trace) {
	web := &intake.Resource{Hash: 1, Service: "web"}
	for i := range 160 {
		t := &intake.Trace{ID: otlp.TraceID{byte(i + 1)}, Spans: []intake.Span{at(-1, web, 2, "GET /", 0, 100)}}
		tenant := []string{"acme", "blue"}[i/2%2]
		if i%2 == 0 || !sessions {
			t.Spans[0].Attributes = append(t.Spans[0].Attributes, text("tenant", tenant))
		}
		if sessions {
			t.Spans[0].Attributes = append(t.Spans[0].Attributes, text("session.id", fmt.Sprint("s", i/2)))
		}
		for k := range 2 + i%2 {
			s := at(0, web, 3, "call", float64(10*k), float64(10*k+9))
			tool := []string{"find", "close"}[k%2]
			if tenant == "blue" {
				tool = "pay"
			}
			s.Attributes = []intake.Attribute{text("tool", tool), text("call.id", fmt.Sprint("call", i, k))}
			t.Spans = append(t.Spans, s)
		}
		out = append(out, t)
	}
	return out
}

// byTenant asks what calls say of the sessions, or traces, of each tenant.
func byTenant(p *Profile, session bool) (map[string][]Spoken, bool) {
	acme, blue := sketch.Hash(otlp.KindText, []byte("acme")), sketch.Hash(otlp.KindText, []byte("blue"))
	sorts := Sorts{Keys: []string{"tenant"}, Count: 2, Session: session, Of: func(values []uint64) int { return slices.Index([]uint64{acme, blue}, values[0]) }}
	var of []ClassKey
	for _, id := range sortedKeys(p.Classes) {
		if p.Classes[id].Name == "call" {
			of = append(of, ClassKey{id, "tool"}, ClassKey{id, "call.id"})
		}
	}
	counts := p.Within(sorts, of)
	out := make(map[string][]Spoken)
	for _, tool := range []string{"find", "close", "pay"} {
		sum := make([]Spoken, 2)
		for _, c := range of {
			for i, x := range counts[c][sketch.Hash(otlp.KindText, []byte(tool))] {
				sum[i].Add(x)
			}
		}
		for i := range sum {
			sum[i].lastTrace, sum[i].lastSorted = 0, 0
		}
		out[tool] = sum
	}
	return out, len(of) == 2 && counts[of[1]] == nil
}

// TestWithin: what spans say is counted by what all of their session, or of their trace, say,
// whole or in parts; ids, of which there are many, are not.
func TestWithin(t *testing.T) {
	for _, session := range []bool{true, false} {
		whole, parts := NewBuilder(Options{}), [2]*Builder{NewBuilder(Options{}), NewBuilder(Options{})}
		for i, x := range desk(session) {
			whole.Trace(x)
			parts[i%2].Trace(x)
		}
		of := uint64(40)
		if !session {
			of = 80
		}
		want := map[string][]Spoken{
			"find": {{Spans: 120, Traces: 80, Sorted: of}, {}}, "close": {{Spans: 80, Traces: 80, Sorted: of}, {}}, "pay": {{}, {Spans: 200, Traces: 80, Sorted: of}},
		}
		for i, p := range []*Profile{whole.Finish(), Merge(parts[0].Finish(), parts[1].Finish())} {
			got, ok := byTenant(p, session)
			if fmt.Sprint(got) != fmt.Sprint(want) || !ok {
				t.Errorf("session %v, %d: got %v, want %v", session, i, got, want)
			}
		}
	}
	if got := new(Profile).Within(Sorts{Count: 1}, nil); got != nil {
		t.Errorf("of nothing: %v", got)
	}
}

// allWithin is all that a profile has of what is said, by sorts of sessions.
func allWithin(p *Profile) string {
	var of []ClassKey
	for _, id := range sortedKeys(p.Classes) {
		if len(of) > 300 {
			break
		}
		for _, key := range sortedKeys(p.Classes[id].Attributes) {
			of = append(of, ClassKey{id, key})
		}
	}
	out := ""
	for _, session := range []bool{true, false} {
		for i, key := range sortedKeys(p.Keys) {
			if i%8 > 0 {
				continue
			}
			counts := p.Within(Sorts{Keys: []string{key}, Count: 3, Session: session, Of: func(values []uint64) int {
				if values[0] == 0 {
					return -1
				}
				return int(values[0] % 3)
			}}, of)
			for _, c := range of {
				for _, h := range sortedKeys(counts[c]) {
					sums := make([]Spoken, 3)
					for i, x := range counts[c][h] {
						sums[i].Add(x)
					}
					out += fmt.Sprintln(key, c.Class, c.Key, h, sums)
				}
			}
		}
	}
	return out
}

// TestWithinIsOfTheSet: what is counted depends neither on the order nor on parts, whether or not
// there is room for all.
func TestWithinIsOfTheSet(t *testing.T) {
	for name, o := range map[string]Options{"default": {}, "records": {Records: 100}, "small": small} {
		r := rand.New(rand.NewPCG(5, 5))
		d := draw(3, 60)
		want := allWithin(d.profile(o, 0, 60))
		if want == "" {
			t.Errorf("%s: nothing", name)
		}
		d.shuffle(r)
		if got := allWithin(d.profile(o, 0, 60)); got != want {
			t.Errorf("%s: shuffled: %d bytes, want %d", name, len(got), len(want))
		}
		a, b, c := d.profile(o, 0, 11), d.profile(o, 11, 35), d.profile(o, 35, 60)
		if got := allWithin(Merge(c, Merge(a, b))); got != want {
			t.Errorf("%s: merged: %d bytes, want %d", name, len(got), len(want))
		}
	}
}

// TestLongSessionsAreLeftOutOfWithin: of a session of very many spans nothing is kept.
func TestLongSessionsAreLeftOutOfWithin(t *testing.T) {
	b := NewBuilder(Options{})
	for i := range 2 {
		web := &intake.Resource{Hash: 1, Service: "web"}
		x := &intake.Trace{ID: otlp.TraceID{byte(i + 1)}}
		for k := range mostSpoken/2 + 1 {
			s := at(-1, web, 2, "GET /", float64(k), float64(k+1))
			s.Attributes = []intake.Attribute{text("session.id", "s"), text("tenant", "acme")}
			x.Spans = append(x.Spans, s)
		}
		b.Trace(x)
	}
	for _, x := range b.words.all.items {
		if x.words != nil || x.weight() != 1+mostSpoken {
			t.Errorf("%d words, weight %d", len(x.words), x.weight())
		}
	}
}

// TestWhatIsDoneWithin: what spans do is counted by what all of their session say, whole or in parts.
func TestWhatIsDoneWithin(t *testing.T) {
	web := &intake.Resource{Hash: 1, Service: "web"}
	whole, parts := NewBuilder(Options{}), [2]*Builder{NewBuilder(Options{}), NewBuilder(Options{})}
	for i := range 100 {
		tenant, does := []string{"acme", "blue"}[i/2%2], "fetch"
		if tenant == "acme" && i%4 == 0 {
			does = "search"
		}
		x := &intake.Trace{ID: otlp.TraceID{byte(i + 1)}, Spans: []intake.Span{
			at(-1, web, 2, "GET /", 0, 100), at(0, web, 1, "prepare", 0, 10), at(0, web, 1, does, 20, 30),
		}}
		x.Spans[0].Attributes = []intake.Attribute{text("session.id", fmt.Sprint("s", i/2)), text("tenant", tenant)}
		for _, b := range []*Builder{whole, parts[i%2]} {
			b.Trace(x)
		}
	}
	acme := sketch.Hash(otlp.KindText, []byte("acme"))
	sorts := Sorts{Keys: []string{"tenant"}, Count: 2, Session: true, Of: func(values []uint64) int {
		if values[0] == acme {
			return 0
		}
		return 1
	}}
	for i, p := range []*Profile{whole.Finish(), Merge(parts[0].Finish(), parts[1].Finish())} {
		var of []ClassKey
		for _, id := range sortedKeys(p.Classes) {
			of = append(of, ClassKey{Class: id})
		}
		got := make(map[string][2]uint64)
		for at, counts := range p.Within(sorts, of) {
			for h, n := range counts {
				groups := p.Classes[at.Class].Productions[h].Groups
				name := p.Classes[groups[len(groups)-1][0].Class].Name
				got[name] = [2]uint64{n[0].Spans, n[1].Spans}
			}
		}
		if want := map[string][2]uint64{"search": {25, 0}, "fetch": {25, 50}}; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%d: got %v, want %v", i, got, want)
		}
	}
}
