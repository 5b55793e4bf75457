package judge

import (
	"testing"
	"time"
)

// A curve has its ends and each nine, grows, and stays small however many items
// there are.
func TestCurveOfDelays(t *testing.T) {
	var d delays
	for i := range int64(100_000) {
		d.add(i * i)
	}
	all := d.result(0).Curve
	if n := len(all); n < 20 || n > 300 {
		t.Fatalf("%d points", n)
	}
	for i, q := range all {
		if i > 0 && (q.Part < all[i-1].Part || q.Delay <= all[i-1].Delay) {
			t.Fatalf("%+v after %+v", q, all[i-1])
		}
		want := float64(q.Part) / 1e6 * 1e5
		if got := float64(q.Delay); got < want*want*0.97 || got > want*want*1.05+1e6 {
			t.Errorf("%+v: want about %v", q, time.Duration(want*want))
		}
	}
	if last := all[len(all)-1]; last.Part != 1_000_000 || last.Delay != 99_999*99_999 {
		t.Errorf("the last is %+v", last)
	}
	var one delays
	one.add(5)
	if all := one.result(0).Curve; len(all) != 1 || all[0] != (Quantile{1_000_000, 5}) {
		t.Errorf("one item: got %v", all)
	}
}
