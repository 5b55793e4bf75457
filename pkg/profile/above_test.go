package profile

import (
	"fmt"
	"testing"

	"github.com/otelsim/otelsim/pkg/profile/intake"
)

// TestAttributesAreComparedWithThoseAbove: how often spans of a class have a key that their
// parents have too, and how often with one value, wherever these stand in the trace.
func TestAttributesAreComparedWithThoseAbove(t *testing.T) {
	b := NewBuilder(Options{})
	web := &intake.Resource{Hash: 1, Service: "web"}
	for i := range 12 {
		call, other := text("call", fmt.Sprint("c", i)), text("call", fmt.Sprint("d", i%2, i))
		trace := &intake.Trace{Spans: []intake.Span{
			at(1, web, 1, "early", 0, 9), // whose parent comes after it
			at(-1, web, 2, "GET /", 1, 100), at(1, web, 1, "one", 10, 20), at(2, web, 1, "under", 11, 19), at(2, web, 1, "bare", 12, 13), at(4, web, 1, "deep", 12, 13),
		}}
		for k, list := range [][]intake.Attribute{{call, text("x", "y")}, {call}, {call, integer("n", 7)}, {other, integer("n", int64(7+i/3))}, {}, {call}} {
			trace.Spans[k].Attributes = list
			trace.Spans[k].ID[0] = byte(k + 1)
		}
		for k := range 90 { // a parent with more of them than others
			trace.Spans[3].Attributes = append(trace.Spans[3].Attributes, integer(fmt.Sprint("k", k), int64(k)))
		}
		trace.Spans = append(trace.Spans, at(3, web, 1, "last", 12, 13))
		trace.Spans[6].Attributes = []intake.Attribute{integer("k89", 89), integer("k88", 0), other}
		trace.ID[0] = byte(i + 1)
		b.Trace(trace)
	}
	got := make(map[string][3]uint64)
	for _, c := range b.Finish().Classes {
		for key, a := range c.Attributes {
			if a.Above > 0 || len(key) > 1 {
				got[c.Name+" "+key] = [3]uint64{a.Present, a.Above, a.AboveAlike}
			}
		}
	}
	for what, want := range map[string][3]uint64{
		"early call": {12, 12, 12}, "GET / call": {12, 0, 0}, "one call": {12, 12, 12}, "under call": {12, 12, 0}, "under n": {12, 12, 3},
		"deep call": {12, 0, 0}, "last k89": {12, 12, 12}, "last k88": {12, 12, 0}, "last call": {12, 12, 12}, "early x": {},
	} {
		if got[what] != want {
			t.Errorf("%s: %v, want %v", what, got[what], want)
		}
	}
}
