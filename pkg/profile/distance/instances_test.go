package distance

import (
	"fmt"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// served returns a side whose service has instances of these names, with so many spans of
// a trace each.
func served(key string, names []string, spans []int) Side {
	s := newSim(shop(1))
	a := &profile.Attribute{Values: sketch.NewValues(capOfValues), Numbers: new(sketch.Numbers), Lengths: new(sketch.Numbers)}
	web := &profile.Service{Instances: sketch.NewValues(capOfValues), Attributes: map[string]*profile.Attribute{key: a}}
	s.p.Services["web"] = web
	id := uint64(0)
	for i, name := range names {
		for range spans[i] {
			id++
			s.whole(s.r, 0, 1e6, id, 1e18+id)
			s.span(1, "web", "GET /", otlp.SpanKindServer, "", 1e6, id, "de", "one")
			web.Spans++
			web.Instances.Add(otlp.KindText, []byte(name), id)
			a.Present++
			a.Traces++
			a.Kinds[otlp.KindString]++
			a.Values.Add(otlp.KindString, []byte(name), id)
			a.Lengths.Add(float64(len(name)))
		}
	}
	return Side{Name: "served", Profile: s.p}
}

// TestInstancesByAnythingButTheirNames: instances of other names are alike; more of them, or
// others that have most of the spans, are not.
func TestInstancesByAnythingButTheirNames(t *testing.T) {
	var many, others []string
	var evenly []int
	for i := range 30 { // as many as are taken for ids where they are no instances
		many, others, evenly = append(many, fmt.Sprint("web-", i)), append(others, fmt.Sprintf("%08x", i*7919)), append(evenly, 100)
	}
	for _, key := range []string{"service.instance.id", "k8s.pod.name"} {
		for _, c := range []struct {
			name                string
			a, b                Side
			resource, instances bool // apart
		}{
			{"other names", served(key, []string{"web-5d8c-0", "web-6f7b-1"}, []int{1800, 1200}), served(key, []string{"web-0", "web-1"}, []int{1200, 1800}), false, false},
			{"many other names", served(key, many, evenly), served(key, others, evenly), false, false},
			{"one more", served(key, []string{"a", "b"}, []int{1500, 1500}), served(key, []string{"c", "d", "e"}, []int{1000, 1000, 1000}), true, true},
			{"one that has more", served(key, []string{"a", "b"}, []int{1500, 1500}), served(key, []string{"a", "b"}, []int{2200, 800}), true, false},
			{"many, of which one has more", served(key, many, evenly), served(key, others, append([]int{700}, evenly[1:]...)), true, false},
		} {
			r := compare(t, c.a, c.b)
			for name, want := range map[string]bool{"resource_tv": c.resource, "instances": c.instances} {
				if m, _ := r.Of(name); m.Apart != want || !want && m.Value != 0 {
					t.Errorf("%s of %s: %+v, want it apart: %v", c.name, key, m, want)
				}
			}
		}
	}
}
