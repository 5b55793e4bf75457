package distance

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

func compare(t *testing.T, a, b Side) *Result {
	t.Helper()
	r, err := Compare(a, b)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Measures) != len(measures) {
		t.Fatalf("%d measures of %d", len(r.Measures), len(measures))
	}
	return r
}

// apart returns the names of what is apart.
func apart(r *Result) (names []string) {
	for _, m := range r.Measures {
		if m.Apart {
			names = append(names, m.Name)
		}
	}
	return names
}

func TestTheSameIsEqual(t *testing.T) {
	a := made(shop(1))
	r := compare(t, a, a)
	for _, m := range r.Measures {
		if m.Value != 0 || len(m.Worst) > 0 || m.Apart {
			t.Errorf("%+v: want 0", m)
		}
	}
	if r.Verdict() != Alike {
		t.Errorf("got %s", r.Verdict())
	}
}

// TestSeedsAreAlike: what differs by chance alone is within the limits, of few traces too,
// and where one side has fewer.
func TestSeedsAreAlike(t *testing.T) {
	for _, n := range [][2]int{{3000, 3000}, {300, 300}, {3000, 300}, {300, 3000}, {60, 60}, {15, 15}} {
		for seed := range uint64(2) {
			a, b := shop(2*seed+10), shop(2*seed+11)
			a.traces, b.traces = n[0], n[1]
			if got := apart(compare(t, made(a), made(b))); got != nil {
				r := compare(t, made(a), made(b))
				m, _ := r.Of(got[0])
				t.Errorf("%v traces, seed %d: %v are apart: %+v", n, seed, got, m)
			}
		}
	}
}

// TestEachChangeMovesItsMeasures: what is planted shows where it should, and nowhere else.
func TestEachChangeMovesItsMeasures(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*spec)
		moves  []string // these are apart, and no others
	}{
		{"a slower operation", func(s *spec) { s.slower = 1.5 }, []string{"duration_ks", "duration_p99", "duration_w1_log", "own_time_ks", "trace_duration_ks"}},
		{"a longer tail", func(s *spec) { s.tail = 0.05 }, []string{"duration_p99", "duration_w1_log", "duration_ks", "own_time_ks", "trace_duration_ks"}},
		{"another error rate", func(s *spec) { s.failures = 0.15 }, []string{"error_rate", "error_tv", "trace_error_rate", "attribute_pairs"}},
		{"another error", func(s *spec) { s.other = 0.6 }, []string{"error_types", "error_tv"}},
		{"another value", func(s *spec) { s.value = 0.6 }, []string{"attribute_tv", "attribute_pairs"}},
		{"even arrivals", func(s *spec) { s.even = true }, []string{"arrival_ks", "session_arrival_ks"}},
		{"a busy first half", func(s *spec) { s.morning = true }, []string{"arrival_ks", "arrival_rate", "rate_curve", "session_arrival_ks"}},
		{"one more child", func(s *spec) { s.children = 1 }, []string{"shape_tv", "spans_per_trace_ks", "width_ks", "operation_tv", "edge_tv", "repeats_ks",
			"shape_coverage", "duration_ks", "own_time_ks", "duration_w1_log", "attribute_cardinality", "trace_duration_ks", "trace_error_rate", "error_tv"}},
		{"other ids", func(s *spec) { s.ids = "u" }, []string{"attribute_tv"}},
		{"ids that come again", func(s *spec) { s.pool = 500 }, []string{"attribute_tv", "attribute_cardinality"}},
		{"half of the logs", func(s *spec) { s.quiet = true }, []string{"log_rate"}},
	} {
		s := shop(2)
		c.change(&s)
		r := compare(t, made(shop(1)), made(s))
		got := apart(r)
		for _, want := range c.moves {
			if !slices.Contains(got, want) {
				m, _ := r.Of(want)
				t.Errorf("%s: %s is %v, limit %v, chance %v", c.name, want, m.Value, m.Limit, m.Chance)
			}
		}
		for _, name := range got {
			if !slices.Contains(c.moves, name) {
				m, _ := r.Of(name)
				t.Errorf("%s: %s is %v, limit %v: %v", c.name, name, m.Value, m.Limit, m.Worst)
			}
		}
	}
}

// TestFailuresOfOneValue: that failures go with a value shows, although there are as many of
// both as before.
func TestFailuresOfOneValue(t *testing.T) {
	a, b := shop(1), shop(2)
	a.failures, b.failures, b.pairs = 0.4, 0.4, true
	r := compare(t, made(a), made(b))
	if m, _ := r.Of("attribute_pairs"); !m.Apart || m.Worst[0].What != "web: GET / (server), value" {
		t.Errorf("got %+v", m)
	}
	for _, name := range []string{"attribute_tv", "error_rate", "error_types"} {
		if m, _ := r.Of(name); m.Apart {
			t.Errorf("got %+v", m)
		}
	}
}

// TestKeysOfOneSide: a text that one side alone has is no number, and an id that it has is none of
// the values that are compared by what they are.
func TestKeysOfOneSide(t *testing.T) {
	for _, key := range []string{"value", "id"} {
		a, b := made(shop(1)), made(shop(2))
		found := false
		for _, c := range b.Profile.Classes { // order-free: each by itself
			found = found || c.Attributes[key] != nil
			delete(c.Attributes, key)
		}
		r := compare(t, a, b)
		if m, _ := r.Of("attribute_presence"); !found || !m.Apart {
			t.Fatalf("%s: got %+v", key, m)
		}
		if m, _ := r.Of("attribute_numbers_ks"); m.Apart {
			t.Errorf("%s: got %+v", key, m)
		}
		if m, _ := r.Of("attribute_pairs"); m.Apart != (key == "value") {
			t.Errorf("%s: got %+v", key, m)
		}
	}
}

// TestMeasuresAreSymmetric: which side is which does not matter, but for the baseline.
func TestMeasuresAreSymmetric(t *testing.T) {
	s := shop(2)
	s.slower, s.failures, s.value, s.children, s.ids, s.traces = 2, 0.2, 0.5, 1, "x", 1500
	a, b := made(shop(1)), made(s)
	x, y := compare(t, a, b), compare(t, b, a)
	for _, m := range x.Measures {
		if o, _ := y.Of(m.Name); math.Abs(o.Value-m.Value) > 1e-6 {
			t.Errorf("%s: %v one way, %v the other", m.Name, m.Value, o.Value)
		}
	}
}

func TestWhatCannotBeCompared(t *testing.T) {
	empty := Side{Name: "none", Profile: newSim(shop(1)).p}
	few := shop(1)
	few.traces = 1
	metrics := Side{Name: "metrics", Profile: newSim(shop(1)).p}
	metrics.Profile.Sizes[1].Items = 100
	traces := made(shop(1))
	only := *traces.Profile
	only.Sizes[1].Items, only.Sizes[2].Items = 0, 0
	traces.Profile = &only
	for _, c := range []struct {
		a, b Side
		want string
	}{
		{empty, traces, "none: too little to compare: there is no span, point or log record"},
		{traces, made(few), "shop 1: too little to compare: 1 trace, and at least 10 are needed"},
		{traces, metrics, "shop 1 has traces only, and metrics has metrics: too little to compare"},
	} {
		if _, err := Compare(c.a, c.b); !errors.Is(err, ErrTooFew) || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	r, err := Compare(traces, made(shop(2)))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := r.Of("metric_tv"); ok || !slices.Contains(r.Notes, "metrics are not compared: shop 1 has none") {
		t.Errorf("got %v", r.Notes)
	}
}

func TestConditions(t *testing.T) {
	s := shop(2)
	s.slower = 2
	r := compare(t, made(shop(1)), made(s))
	for expr, want := range map[string]bool{
		"apart": true, " apart ": true, "duration_ks>0.2": true, "duration_ks > 20%": true, "duration_ks<0.2": false, "shape_tv>=0.5": false, "shape_tv<1e-1": true,
	} {
		c, err := ParseCondition(expr)
		if err != nil {
			t.Errorf("%q: %v", expr, err)
			continue
		}
		if got, what := c.Holds(r); got != want {
			t.Errorf("%q: got %v: %s", expr, got, what)
		}
	}
	for expr, want := range map[string]string{
		"durations_ks>0.1": `did you mean "duration_ks"?`, "apart>1": "unknown measure", "shape_tv": "no comparison: want apart, or a measure", "shape_tv>x": "want a number",
		"shape_tv>": "want a number", "": "no comparison", "shape_tv=>1": "unknown comparison", "shape_tv>-1": "want a number",
	} {
		if c, err := ParseCondition(expr); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, %v, want %s", expr, c, err, want)
		}
	}
	r.Measures = nil
	if c, _ := ParseCondition("metric_tv>1"); c.String() != "metric_tv>1" {
		t.Errorf("got %s", c)
	} else if holds, what := c.Holds(r); !holds || what != "metric_tv was not measured" {
		t.Errorf("got %v, %s", holds, what)
	}
}

func TestForms(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "shipped": "{letters}", "GET /orders/4711": "{letters}/{letters}/{digits}", "a b c": "{letters}", "user-17": "{letters}-{digits}", "u17": "{mixed}",
		"550e8400-e29b-41d4-a716-446655440000": "{uuid}", "req 550e8400-e29b-41d4-a716-446655440000": "{letters}{uuid}",
		"0af7651916cd43dd8448eb211c80319c": "{hex++++}", "the order of yours was sent off today, by me": "{text}", "10.0.0.1": "{digits}.{digits}.{digits}.{digits}",
		"1e5": "{mixed}", "deadbeef": "{letters}", "é": "{letters}", "a--b": "{letters}-{letters}",
	} {
		if got := form(in); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
	for in, want := range map[string]bool{"shipped": false, "HTTP/1.1": false, "user-17": false, "order 4711": true, "0af76519": true, "it-3fa9b1": true, "us-east-1a": false, "sha256": false, "gpt-4o": false, "v1.2.300": false,
		"x550e8400-e29b-41d4-a716-446655440000": true, "550e8400-e29b-41d4-a716-446655440000": true} {
		if got := looksLikeID(in); got != want {
			t.Errorf("%q: got %v", in, got)
		}
	}
}

func TestW1Log(t *testing.T) {
	x, y := new(sketch.Numbers), new(sketch.Numbers)
	for i := range 1000 {
		x.Add(1e6 + float64(i)*1e4)
		y.Add(float64(2 * (1e6 + float64(i)*1e4)))
	}
	if got := w1Log(x, y); math.Abs(got-math.Ln2) > 0.01 {
		t.Errorf("twice as long: got %v, want %v", got, math.Ln2)
	}
	if w1Log(x, x) != 0 || w1Log(x, y) != w1Log(y, x) {
		t.Error("not a distance")
	}
}

func TestCurve(t *testing.T) {
	w := sketch.NewWindows(1000, 0)
	for i := range uint64(100) {
		w.Add(1000+i, 1+i/50)
	}
	got := Curve(w, 4)
	for i, want := range []float64{25. / 150, 25. / 150, 50. / 150, 50. / 150} {
		if math.Abs(got[i]-want) > 1e-9 {
			t.Errorf("got %v", got)
		}
	}
}

// TestShapesBeyondTheCap: what one side left out is no difference.
func TestShapesBeyondTheCap(t *testing.T) {
	p, q := made(shop(1)), made(shop(1))
	fill := func(p *profile.Profile, most uint64) {
		p.Shapes = make(map[uint64]*profile.Shape)
		p.Left.Shapes = most < 100
		for h := range uint64(100) {
			if h < most {
				p.Shapes[h+1] = &profile.Shape{Traces: 40, Text: "a"}
			} else {
				p.Left.Traces += 40
			}
		}
	}
	fill(p.Profile, 60)
	fill(q.Profile, 100)
	r := compare(t, p, q)
	if m, _ := r.Of("shape_tv"); m.Value != 0 || m.N != 8000 {
		t.Errorf("got %+v", m)
	}
	if m, _ := r.Of("shape_coverage"); m.Value != 0 {
		t.Errorf("got %+v", m)
	}
}
