package text

import (
	"testing"
	"time"
)

func TestDurations(t *testing.T) {
	for _, c := range []struct{ d, rough, tenths, fine string }{
		{"0s", "0s", "0s", "0s"},
		{"999ns", "0s", "0s", "999ns"},
		{"1234567ns", "1ms", "1ms", "1.23ms"},
		{"340.6ms", "341ms", "341ms", "341ms"},
		{"5.12s", "5.1s", "5.1s", "5.12s"},
		{"12.34s", "12s", "12.3s", "12.3s"},
		{"1m12.34s", "1m12s", "1m12.3s", "1m12.3s"},
	} {
		d, err := time.ParseDuration(c.d)
		if err != nil {
			t.Fatal(err)
		}
		for how, got := range map[string][2]string{
			"rough":  {Rough(d).String(), c.rough},
			"tenths": {Tenths(d).String(), c.tenths},
			"fine":   {Fine(d).String(), c.fine},
		} {
			if got[0] != got[1] {
				t.Errorf("%s, %s: got %s, want %s", c.d, how, got[0], got[1])
			}
		}
	}
}
