package otelsim

import (
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/arrivals"
)

// What is said of the interval beside arrivals by which it has no effect is an
// error; what goes with them is not.
func TestIntervalsBesideArrivals(t *testing.T) {
	rate, poisson := &arrivals.Model{Rate: 2_000_000}, &arrivals.Model{}
	for _, row := range []struct {
		m                   *arrivals.Model
		interval, deviation time.Duration
		want                string // "": nothing
	}{
		{nil, time.Second, time.Second, ""},
		{nil, -1, -1, ""},
		{poisson, 0, 0, ""},
		{poisson, time.Second, -1, ""},
		{poisson, -1, 0, "interval 0s: cannot be combined"},
		{poisson, 0, time.Second, "interval deviation 1s: cannot be combined"},
		{rate, 0, -1, ""},
		{rate, time.Second, 0, "interval 1s: cannot be combined with the arrivals of the config, which say how many there are (Poisson, 2 a second)"},
		{rate, -1, 0, "interval 0s: cannot be combined"},
		{rate, 0, time.Second, "interval deviation 1s: cannot be combined"},
	} {
		o := Options{Interval: row.interval, Deviation: row.deviation}
		err := o.checkArrivals(row.m)
		if (err == nil) != (row.want == "") || err != nil && !strings.Contains(err.Error(), row.want) {
			t.Errorf("%v, interval %v, deviation %v: %v, want %q", row.m, row.interval, row.deviation, err, row.want)
		}
	}
}
