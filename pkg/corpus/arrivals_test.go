package corpus

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/arrivals"
)

// A model comes back from a header's JSON as it was.
func TestArrivalsGoThereAndBack(t *testing.T) {
	for _, m := range []*arrivals.Model{
		nil, {}, {Rate: 1}, {Rate: arrivals.MaxRate - 1}, {Rate: 333_333},
		{Period: arrivals.Day, Points: []arrivals.Point{{At: 0, Rate: 0}, {At: 9*time.Hour + 30*time.Minute, Rate: 123_456_789_012}}},
		{Period: arrivals.Week, Points: []arrivals.Point{{At: 100 * time.Hour, Rate: 7}}, Bursts: []arrivals.Burst{
			{Every: time.Hour, Duration: time.Second, Factor: 1_000_001, Random: true}, {Every: time.Minute, Duration: time.Minute, Factor: arrivals.MaxFactor}}},
		{Rate: 7, Late: []arrivals.Late{{By: 0, Weight: 900_000}, {By: arrivals.MaxLate, Weight: 100_001}}, Together: 2}, {Together: arrivals.MaxTogether},
		{Period: arrivals.Day, Points: []arrivals.Point{{At: time.Hour, Rate: 7}}, Late: []arrivals.Late{{By: 1, Weight: 1}}},
	} {
		data, err := json.Marshal(ArrivalsOf(m))
		if err != nil {
			t.Fatal(err)
		}
		var back *Arrivals
		if err := json.Unmarshal(data, &back); err != nil {
			t.Fatal(err)
		}
		got, err := back.Model()
		if err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("%s: got %+v, %v, want %+v", data, got, err, m)
		}
	}
}

// What a stranger's manifest says of arrivals is believed only when a run can
// have it.
func TestArrivalsThatNoRunHas(t *testing.T) {
	for _, row := range []struct{ old, new, want string }{
		{`"kind": "poisson"`, `"kind": "Poisson\u001b"`, `want poisson, pace, day or week`},
		{`"kind": "poisson"`, `"kind": "pace"`, "kind is pace with 0 of late"},
		{`"kind": "poisson"`, `"kind": "poisson", "late": [{"by": 2, "weight": 1}]`, "kind is poisson with 1 of late"},
		{`"kind": "poisson"`, `"kind": "pace", "late": [{"by": 2, "weight": 0}]`, "late has the weight 0"},
		{`"kind": "poisson"`, `"kind": "poisson", "together": 1`, "together is 1"},
		{`"kind": "poisson"`, `"kind": "poisson", "rate": 2`, "interval is 500ms: want 0"},
		{`"kind": "poisson"`, `"kind": "poisson", "rate": -2`, "-2 is not a number of millionths"},
		{`"kind": "poisson"`, `"kind": "poisson", "rate": 0.00000015`, "is not a number of millionths"},
		{`"kind": "poisson"`, `"kind": "poisson", "rate": 1e300`, "is not a number of millionths"},
		{`"kind": "poisson"`, `"kind": "day"`, "curve of 0 points"},
		{`"kind": "poisson"`, `"kind": "day", "curve": [{"at": "24h0m0s", "rate": 1}]`, "below 24h"},
		{`"kind": "poisson"`, `"kind": "week", "curve": [{"at": "1h0m0s", "rate": 0}]`, "nothing would ever arrive"},
		{`"kind": "poisson"`, `"kind": "poisson", "bursts": [{"every": "-1s", "duration": "1s", "factor": 2, "at": "0s"}]`, "every is -1s"},
		{`"interval": "500ms"`, `"interval": "0s"`, "need one above 0"},
		{`"interval": "500ms"`, `"interval": "2000000h0m0s"`, "starts beyond"},
		{`"interval_deviation": "0s"`, `"interval_deviation": "1s"`, "interval_deviation is 1s"},
	} {
		h := testHeader(0, 10)
		h.Arrivals = &Arrivals{Kind: "poisson"}
		m := Manifest{Header: h, Segments: []SegmentInfo{}}
		m.Totals = m.Header.totals(nil)
		if row.want == "starts beyond" {
			m.Options.Count = 10
		}
		data := string(m.Encode())
		if row.want != "starts beyond" {
			if _, err := ParseManifest([]byte(data)); err != nil {
				t.Fatal(err)
			}
		}
		changed := strings.Replace(data, row.old, row.new, 1)
		if changed == data {
			t.Fatalf("%s changes nothing in\n%s", row.new, data)
		}
		_, err := ParseManifest([]byte(changed))
		if !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: got %v, want %q", row.new, err, row.want)
		}
	}
}

// Headers that differ in their arrivals alone say so.
func TestArrivalsAreTold(t *testing.T) {
	a, b := testHeader(10, 10), testHeader(10, 10)
	b.Arrivals = &Arrivals{Kind: "poisson"}
	d := a.Differences(&b)
	if len(d) != 1 || d[0].Path != "arrivals" || d[0].Have != "constant" || d[0].Want != `{"kind":"poisson"}` {
		t.Errorf("got %+v", d)
	}
}
