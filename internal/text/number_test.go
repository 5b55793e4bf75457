package text

import "testing"

func TestGrouped(t *testing.T) {
	for n, want := range map[uint64]string{
		0: "0", 999: "999", 1000: "1,000", 123456: "123,456", 1<<64 - 1: "18,446,744,073,709,551,615",
	} {
		if got := Grouped(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}

func TestCounted(t *testing.T) {
	for n, want := range map[int]string{0: "0 records", 1: "1 record", 2: "2 records", 999: "999 records",
		1000: "1,000 records", 1234567: "1,234,567 records"} {
		if got := Counted(n, "record"); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}

func TestDecimal(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 0.0004: "0", 0.5: "0.5", 100: "100", 999.9996: "1,000",
		1000: "1,000", 4999.6: "4,999.6", 1e6: "1,000,000", 1234567.125: "1,234,567.125"} {
		if got := Decimal(v); got != want {
			t.Errorf("%v: got %q, want %q", v, got, want)
		}
	}
}

// No size is written as a thousand of its unit.
func TestSizes(t *testing.T) {
	for _, c := range []struct {
		n          uint64
		size, fine string
	}{
		{0, "0 B", "0 B"},
		{999, "999 B", "999 B"},
		{1000, "1.0 kB", "1 kB"},
		{999_949, "999.9 kB", "999.949 kB"},
		{999_950, "1.0 MB", "999.95 kB"},
		{999_999_600, "1.0 GB", "1 GB"},
		{12_345_678, "12.3 MB", "12.346 MB"},
		{1<<64 - 1, "18.4 EB", "18.447 EB"},
	} {
		if got := Size(c.n); got != c.size {
			t.Errorf("size %d: got %s, want %s", c.n, got, c.size)
		}
		if got := FineSize(c.n); got != c.fine {
			t.Errorf("fine size %d: got %s, want %s", c.n, got, c.fine)
		}
	}
}
