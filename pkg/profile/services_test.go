package profile

import (
	"fmt"
	"testing"

	"github.com/otelsim/otelsim/pkg/profile/intake"
)

// TestResourcesByTraceAndClass: how often the resources of a service have one value in a
// trace, and in a session, and which ones spans of a class have.
func TestResourcesByTraceAndClass(t *testing.T) {
	b := NewBuilder(Options{})
	of := func(tenant, part string) *intake.Resource {
		return &intake.Resource{Hash: keyHash([]byte(tenant + part)), Service: "web", Instance: "i",
			Attributes: []intake.Attribute{text("tenant", tenant), text("part", part), text("zone", fmt.Sprint("z", len(tenant)))}}
	}
	for i := range 12 {
		tenant := []string{"a", "bb"}[i/2%2] // the same in both traces of a session
		front, back := of(tenant, "front"), of(tenant, "back")
		front.Attributes[2], back.Attributes[2] = text("zone", fmt.Sprint(i%2)), text("zone", fmt.Sprint(i%2))
		front.Hash, back.Hash = front.Hash+uint64(i%2), back.Hash+uint64(i%2)
		trace := &intake.Trace{Spans: []intake.Span{at(-1, front, 2, "GET /", 0, 10), at(0, back, 1, "work", 1, 5)}}
		trace.ID[0] = byte(i + 1)
		trace.Spans[0].ID[0], trace.Spans[1].ID[0] = 1, 2
		trace.Spans[0].Attributes = append(trace.Spans[0].Attributes, text("session.id", fmt.Sprint("s", i/2)))
		b.Trace(trace)
	}
	p := b.Finish()
	for key, want := range map[string]Alike{"tenant": {12, 12, 6, 6}, "part": {12, 0, 6, 0}, "zone": {12, 12, 6, 0}} {
		if got := p.Services["web"].Alike[key]; got == nil || *got != want {
			t.Errorf("%s: %+v, want %+v", key, got, want)
		}
	}
	for _, c := range p.Classes {
		want := map[string]string{"GET /": "front", "work": "back"}[c.Name]
		if v := c.Resource["part"].Kept(); len(v) != 1 || v[0].Text != want || v[0].Count != 12 {
			t.Errorf("%s: part is %+v", c.Name, v)
		}
		if v := c.Resource["tenant"]; v.Distinct() != 2 || v.Count() != 12 {
			t.Errorf("%s: tenant is %+v", c.Name, v.Kept())
		}
	}
}

// TestResourcesByInstance: how many pairs there are of an instance and a value that it has,
// whichever part of a profile saw them.
func TestResourcesByInstance(t *testing.T) {
	whole, parts := NewBuilder(Options{}), []*Builder{NewBuilder(Options{}), NewBuilder(Options{})}
	for i := range 24 {
		host, zone := fmt.Sprint("h", i%3), fmt.Sprint("z", i%2)
		r := &intake.Resource{Hash: keyHash([]byte(host + zone)), Service: "web", Instance: fmt.Sprint(i % 3),
			Attributes: []intake.Attribute{text("host.name", host), text("zone", zone)}}
		trace := &intake.Trace{Spans: []intake.Span{at(-1, r, 2, "GET /", 0, 10)}}
		trace.ID[0], trace.Spans[0].ID[0] = byte(i+1), 1
		whole.Trace(trace)
		parts[i%4/2].Trace(trace)
	}
	p := whole.Finish()
	for key, want := range map[string]uint64{"host.name": 3, "zone": 6} {
		if got := p.Services["web"].Pairs[key].Distinct(); got != want {
			t.Errorf("%s: %d pairs, want %d", key, got, want)
		}
	}
	if !Merge(parts[0].Finish(), parts[1].Finish()).Equal(p) {
		t.Error("two parts say something else than the whole")
	}
}
