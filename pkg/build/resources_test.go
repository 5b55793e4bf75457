package build

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/conform"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// described is a resource, or one with its scope, as a text.
func described(t *otlp.Traces, i uint32) string {
	a := attrsOf(t, t.Resources[i].Attrs)
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(a)) {
		fmt.Fprintf(&b, "%s=%v ", key, a[key])
	}
	return b.String() + t.Strings.String(t.Scopes[i].Name)
}

// TestResourcesAreThoseOfProcesses: there are as many resources as services,
// components, instances and tenants, however many sessions there are, and a
// record has each once.
func TestResourcesAreThoseOfProcesses(t *testing.T) {
	r := run(600)
	r.SegmentIterations, r.BatchItems = 300, 500
	g := generator(t, bundledPlan(t), r)
	all, who := map[string]bool{}, map[string]bool{}
	for segment := range r.Segments() {
		err := g.segment(segment, sinks{
			traces: func(rec *otlp.Traces) error {
				here := map[string]bool{}
				for i := range rec.Resources {
					text := described(rec, uint32(i))
					if here[text] {
						t.Fatalf("a record has twice %s", text)
					}
					here[text], all[text] = true, true
					a := attrsOf(rec, rec.Resources[i].Attrs)
					who[fmt.Sprint(a["service.name"], a["vendor.component"], a["service.instance.id"], a["vendor.tenant.id"])] = true
				}
				return nil
			},
			metrics: func(*otlp.Metrics) error { return nil },
			logs: func(rec *otlp.Logs) error {
				for _, res := range rec.Resources {
					if attrsOf(&otlp.Traces{Strings: rec.Strings, Attrs: rec.Attrs, Text: rec.Text}, res.Attrs)["vendor.session.id"] != nil {
						t.Error("the resource of a log record is that of a session")
					}
				}
				return nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(all) != len(who) || len(all) < 2*2 || len(all) > 2*2*12 {
		t.Errorf("600 sessions have %d resources, of %d services, components, instances and tenants", len(all), len(who))
	}
}

// TestSessionOnResourcesWhereListed: conventions that list the session among
// the attributes of resources have it there.
func TestSessionOnResourcesWhereListed(t *testing.T) {
	in := bundled(t)
	in.Semconv.Data = []byte(strings.Replace(string(in.Semconv.Data), "\nresource_attributes:\n",
		"\nresource_attributes:\n  vendor.session.id:\n    type: string\n    required: true\n", 1))
	for _, r := range sessionOf(t, in, "claim_conversation") {
		want := attrsOf(&r, r.Spans[0].Attrs)["vendor.session.id"]
		for _, res := range r.Resources {
			if got := attrsOf(&r, res.Attrs)["vendor.session.id"]; got != want || want == nil {
				t.Errorf("session %v on a resource, want %v", got, want)
			}
		}
	}
}

// TestInstanceFollowsTheSegment: an instance is sixteen processes that take turns.
func TestInstanceFollowsTheSegment(t *testing.T) {
	g := generator(t, bundledPlan(t), run(16*40))
	for _, segment := range []uint64{0, 1, 15, 16, 33} {
		g.Iteration(segment*16, func(tr *otlp.Traces) {
			got := attrsOf(tr, tr.Resources[0].Attrs)["service.instance.id"].(string)
			if want := fmt.Sprintf("-%d", segment%16); !strings.HasSuffix(got, want) {
				t.Errorf("segment %d: instance %s, want it to end in %s", segment, got, want)
			}
		})
	}
}

// withInstances are the bundled inputs with several instances a service.
func withInstances(t testing.TB, n int) Inputs {
	in := bundled(t)
	in.Config.Data = fmt.Appendf(slices.Clone(in.Config.Data), "\ncardinality: {instances: %d}\n", n)
	return in
}

// TestSessionStaysOnItsInstance, whatever its segment is: traces, logs and metrics
// tell of the same one.
func TestSessionStaysOnItsInstance(t *testing.T) {
	const n = 3
	p := compiled(t, withInstances(t, n), Options{})
	instanceOf := func(id any) string { s := id.(string); return s[strings.LastIndexByte(s, '-'):] }
	var before []string
	for _, size := range []uint64{200, 16} { // a session in another segment stays with its instance
		r := run(200)
		r.SegmentIterations = size
		g := generator(t, p, r)
		var of []string
		count := map[string]int{}
		for i := range r.Count {
			own := map[string]bool{}
			g.Iteration(i, func(rec *otlp.Traces) {
				for _, res := range rec.Resources {
					id := attrsOf(rec, res.Attrs)["service.instance.id"].(string)
					own[instanceOf(id)] = true
					if want := fmt.Sprintf("-%d-", i/size%16); !strings.Contains(id, want) {
						t.Errorf("iteration %d: instance %s, want %s within", i, id, want)
					}
				}
			})
			if len(own) != 1 {
				t.Fatalf("iteration %d is on the instances %v", i, own)
			}
			of = append(of, slices.Collect(maps.Keys(own))...)
			count[of[i]]++
		}
		if before != nil && !slices.Equal(before, of) {
			t.Error("the instance of a session depends on the segments")
		}
		before = of
		if len(count) != n || count["-0"] < 40 {
			t.Errorf("%v sessions by instance, want %d even shares", count, n)
		}
	}
}

// TestSeriesOfInstances: each instance writes its own series, which count what
// its spans say. Under the name of another instance they do not.
func TestSeriesOfInstances(t *testing.T) {
	in := withInstances(t, 2)
	r := run(96)
	r.SegmentIterations = 48
	g := generator(t, compiled(t, in, Options{}), r)
	for _, forged := range []bool{false, true} {
		writers := map[any]bool{}
		a := newAudit(conventionsOf(t, in), r.Seed, "vendor", nil)
		a.Audit = conform.NewAudit(conventionsOf(t, in), "vendor", conform.AuditOptions{Request: requestsOf(r.Seed), Several: true})
		err := g.segment(0, a.sinks(func(_ *otlp.Traces, m *otlp.Metrics, _ *otlp.Logs) {
			for i := 0; m != nil && i < len(m.Resources); i++ {
				list := m.Resources[i].Attrs
				for k := list.Start; k < list.End; k++ {
					if x := &m.Attrs[k]; m.Strings.String(x.Key) == "service.instance.id" {
						writers[m.Strings.String(otlp.StringID(x.Word))] = true
						if other, _ := m.Strings.Lookup("assist-runtime-5d8c-0-1"); forged && i == 0 {
							x.Word = uint64(other)
						}
					}
				}
			}
		}))
		if err != nil {
			t.Fatal(err)
		}
		a.Finish(a.find)
		if len(writers) != 2*2 || forged != (len(a.findings) > 0) {
			t.Errorf("forged %t: %d writers of series, want 4; found %q", forged, len(writers), a.findings[:min(3, len(a.findings))])
		}
	}
}
