package conform

import (
	"math"
	"testing"
)

// TestRoots: the bounds of buckets between powers of two, as they are printed
// in tables, and no further off than the last bit.
func TestRoots(t *testing.T) {
	for k, want := range []float64{
		1, 1.0905077326652577, 1.189207115002721, 1.2968395546510096,
		1.4142135623730951, 1.5422108254079407, 1.681792830507429, 1.8340080864093424,
	} {
		if got := roots[k]; got != want && math.Nextafter(got, 2) != want {
			t.Errorf("2^(%d/8) is %v, want %v or the one below", k, got, want)
		}
	}
}

func TestFinestBucket(t *testing.T) {
	for _, row := range []struct {
		value float64
		want  int
	}{
		{1, -1}, {math.Nextafter(1, 2), 0}, {1.09, 0}, {1.1, 1}, {1.99, 7}, {2, 7}, {2.0001, 8},
		{0.5, -9}, {0.51, -8}, {1024, 79}, {1025, 80}, {1e-9, -240}, {1 << 62, 62*8 - 1},
	} {
		if got := finestBucket(row.value); got != row.want {
			t.Errorf("%v is in bucket %d, want %d", row.value, got, row.want)
		}
	}
}

func TestNearestFraction(t *testing.T) {
	for _, row := range []struct {
		value float64
		want  int64
	}{
		{0, 0}, {1, 1_000_000}, {0.0000005, 1}, {-0.0000005, -1}, {0.00000049, 0}, {-0.00000049, 0}, {1.5, 1_500_000},
		{2.0000015, 2_000_002}, {-3.25, -3_250_000}, {0.1 + 0.2, 300_000},
	} {
		if got := nearestFraction(row.value); got != row.want {
			t.Errorf("%v is %d fractions, want %d", row.value, got, row.want)
		}
	}
}

func TestNanosecondsIn(t *testing.T) {
	want := int64(1)
	for _, row := range []struct {
		unit string
		more int64 // than the one before
	}{{"ns", 1}, {"us", 1000}, {"ms", 1000}, {"s", 1000}, {"min", 60}, {"h", 60}} {
		want *= row.more
		if got, ok := nanosecondsIn(row.unit); !ok || got != want {
			t.Errorf("%s has %d ns, %t, want %d", row.unit, got, ok, want)
		}
	}
	if _, ok := nanosecondsIn("{token}"); ok {
		t.Error("tokens are no time")
	}
}
