package profile

import (
	"fmt"
	"slices"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile/intake"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// TestTogether: which values sessions have together, each session with all of its traces, of which
// one may have none; several are none. It is the same of traces in two parts.
func TestTogether(t *testing.T) {
	parts := [2]*Builder{NewBuilder(Options{}), NewBuilder(Options{})}
	whole := NewBuilder(Options{})
	web := &intake.Resource{Hash: 1, Service: "web"}
	for i := range 40 {
		n := i / 2
		list := []intake.Attribute{text("session.id", fmt.Sprint("s", n)), text("tenant", []string{"acme", "blue"}[n%2])}
		if i%2 == 0 || n%4 == 3 {
			list = append(list, integer("version", int64(n%4+i%2)))
		}
		trace := &intake.Trace{ID: otlp.TraceID{byte(i + 1)}, Spans: []intake.Span{at(-1, web, 2, "GET /", 0, 10)}}
		trace.Spans[0].Attributes = list
		for _, b := range []*Builder{whole, parts[i%2]} {
			b.Trace(trace)
		}
	}
	acme, blue := sketch.Hash(otlp.KindText, []byte("acme")), sketch.Hash(otlp.KindText, []byte("blue"))
	version := func(n uint64) uint64 { return sketch.HashWord(otlp.KindInt, n) }
	want := []Together{
		{[]uint64{acme, version(0)}, 5, 10, []uint64{10, 5}}, {[]uint64{acme, version(2)}, 5, 10, []uint64{10, 5}},
		{[]uint64{blue, version(1)}, 5, 10, []uint64{10, 5}}, {[]uint64{blue, 0}, 5, 10, []uint64{10, 10}},
	}
	for i, p := range []*Profile{whole.Finish(), Merge(parts[0].Finish(), parts[1].Finish())} {
		got := p.Together([]string{"tenant", "version"})
		same := func(x Together) bool {
			return slices.ContainsFunc(got, func(y Together) bool {
				return x.Traces == y.Traces && x.Sessions == y.Sessions && slices.Equal(x.Values, y.Values) && slices.Equal(x.With, y.With)
			})
		}
		if len(got) != len(want) || slices.ContainsFunc(want, func(x Together) bool { return !same(x) }) {
			t.Errorf("%d: got %v, want %v", i, got, want)
		}
	}
	if got := new(Profile).Together([]string{"tenant"}); got != nil {
		t.Errorf("of nothing: %v", got)
	}
}
