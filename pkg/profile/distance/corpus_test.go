package distance

import (
	"flag"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/otelsim"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/intake"
)

var sessions = flag.Uint64("sessions", 120, "sessions of the corpora of two seeds")

// system is a small system, of which rows of the test change a word each.
const system = `
name: tiny
session:
  - {call: "desk.GET /items/{item}", count: {min: 1, max: 4}}
  - {call: desk.POST /orders, probability: 40%}
values:
  item: {pattern: "it-{hex:6}", pool: 500, zipf: 1.1}
  order: {pattern: "ord-{digits:8}"}
services:
  desk:
    operations:
      GET /items/{item}:
        calls: [cache.GET, {call: db.SELECT items, if_failed: true, timeout: 500ms}]
      POST /orders:
        attributes: {shop.order.id: {use: order}, shop.plan: {distribution: categorical, values: {basic: 7, pro: 3}}}
        calls:
          - {call: pay.Charge, timeout: 2s}
        logs: [{severity: error, body: "order {shop.order.id} failed", when: failed}]
  pay:
    protocol: grpc
    operations:
      Charge: {latency: {distribution: log_normal, median_ms: 120, sigma: 0.6}, error: {rate: 6%, types: [UNAVAILABLE]}}
  cache: {protocol: db, system: redis, operations: {GET: {latency: 1, error: 20%}}}
  db: {protocol: db, operations: {SELECT items: {latency: 8}}}
`

// generated makes a corpus and returns it as a side.
func generated(t *testing.T, seed, count uint64, definition, arrivals string) Side {
	t.Helper()
	o := otelsim.Options{Seed: seed, Count: count}
	switch definition {
	case "":
	case "shop":
		o.Scenarios = []string{"shop"}
	default:
		o.Inputs.Definitions = []otelsim.File{{Name: "tiny.yaml", Data: []byte(definition)}}
	}
	if arrivals != "" {
		o.Inputs.Config = otelsim.File{Name: "config.yaml", Data: []byte("extends: bundled\narrivals: " + arrivals + "\n")}
	}
	dir := filepath.Join(t.TempDir(), "corpus")
	plan, err := otelsim.New(o)
	if err == nil {
		_, err = plan.Write(t.Context(), otelsim.WriteOptions{Dir: dir})
	}
	if err != nil {
		t.Fatal(err)
	}
	return read(t, dir)
}

func read(t *testing.T, path string) Side {
	t.Helper()
	in, err := intake.Open([]string{path}, intake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	whole, halves, err := profile.ReadHalves(t.Context(), in, profile.Options{}, 2)
	if err != nil {
		t.Fatal(err)
	}
	return Side{Name: path, Profile: whole, Halves: halves}
}

// replaced changes a definition.
func replaced(t *testing.T, old, new string) string {
	t.Helper()
	if !strings.Contains(system, old) {
		t.Fatalf("the system has no %s", old)
	}
	return strings.Replace(system, old, new, 1)
}

// TestCorporaOfTwoSeedsAreAlike: of the bundled mix and of systems.
func TestCorporaOfTwoSeedsAreAlike(t *testing.T) {
	for name, c := range map[string]struct {
		definition string
		count      uint64
	}{"mix": {"", *sessions}, "system": {system, 3 * *sessions}, "shop": {"shop", *sessions}} {
		a, b := generated(t, 1, c.count, c.definition, ""), generated(t, 2, c.count, c.definition, "")
		r := compare(t, a, b)
		tell(t, name, r)
		r = compare(t, a, a)
		for _, m := range r.Measures {
			if m.Value != 0 {
				t.Errorf("%s with itself: %+v", name, m)
			}
		}
	}
}

// tell reports what is apart and should not be.
func tell(t *testing.T, name string, r *Result, expected ...string) {
	t.Helper()
	for _, m := range r.Measures {
		if m.Apart && !slices.Contains(expected, m.Name) {
			baseline := -1.0
			if m.Baseline != nil {
				baseline = *m.Baseline
			}
			t.Errorf("%s: %s is %v, baseline %v, chance %v: %v", name, m.Name, m.Value, baseline, m.Chance, m.Worst)
		}
	}
	for i := range r.Outliers {
		if o := &r.Outliers[i]; len(expected) == 0 {
			t.Errorf("%s: outlier %+v", name, *o)
		}
	}
	for _, want := range expected {
		if m, _ := r.Of(want); !m.Apart {
			t.Errorf("%s: %s is %v, limit %v: not apart", name, want, m.Value, m.Limit)
		}
	}
}

// TestPlantedChangesShow: a change of a system is found, and no measure moves that it has
// nothing to do with.
func TestPlantedChangesShow(t *testing.T) {
	const count = 600
	a := generated(t, 1, count, system, "")
	for _, c := range []struct {
		name, old, new string
		apart          string // measures that may be
		outlier        string // a part that has to be
	}{
		{"a slower operation", "median_ms: 120", "median_ms: 240", "duration_ks duration_p99 duration_w1_log own_time_ks trace_duration_ks metric_values_ks", "duration_ks pay: pay/Charge (server)"},
		{"another rate of errors", "rate: 6%", "rate: 40%", "error_rate error_tv trace_error_rate attribute_pairs metric_values_ks", "error_rate pay: pay/Charge (server)"},
		{"another value", "basic: 7", "basic: 1", "", "attribute_tv desk: POST /orders (server), shop.plan"},
		{"one more child", "[cache.GET, ", "[cache.GET, cache.GET, ", "shape_tv operation_tv edge_tv repeats_ks spans_per_trace_ks width_ks trace_duration_ks " +
			"duration_ks duration_w1_log trace_error_rate error_tv attribute_alike session_alike compressed_bytes_per_item", "repeats_ks desk: GET /items/{item} (server) > desk: GET (client)"},
		{"ids of another form", "ord-{digits:8}", "ord-{hex:12}", "log_template_tv", "attribute_tv desk: POST /orders (server), shop.order.id"},
		{"ids of another size", "pool: 500", "pool: 20", "attribute_cardinality", "attribute_cardinality url.path"},
	} {
		r := compare(t, a, generated(t, 2, count, replaced(t, c.old, c.new), ""))
		for _, m := range r.Measures {
			if m.Apart && !slices.Contains(strings.Fields(c.apart), m.Name) {
				t.Errorf("%s: %+v", c.name, m)
			}
		}
		var all []string
		for _, o := range r.Outliers {
			all = append(all, o.Measure+" "+o.What)
		}
		if !slices.Contains(all, c.outlier) {
			t.Errorf("%s: no outlier %s in %q", c.name, c.outlier, all)
		}
	}
}

// TestArrivalsShow: even arrivals of sessions and those by chance are told apart, and two of
// the same are not.
func TestArrivalsShow(t *testing.T) {
	even := generated(t, 1, 600, system, "constant")
	tell(t, "constant", compare(t, even, generated(t, 2, 600, system, "constant")))
	tell(t, "poisson", compare(t, even, generated(t, 2, 600, system, "poisson")), "session_arrival_ks")
}
