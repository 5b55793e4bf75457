package condition

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, row := range []struct {
		in   string
		want Comparison
	}{
		{"p99>50ms", Comparison{"p99", ">", "50ms"}},
		{" late <= 1 % ", Comparison{"late", "<=", "1 %"}},
		{"a==b", Comparison{"a", "==", "b"}},
		{"a!=", Comparison{"a", "!=", ""}},
	} {
		if got, err := Parse(row.in); err != nil || got != row.want {
			t.Errorf("%q: got %+v, %v", row.in, got, err)
		}
	}
	for in, want := range map[string]string{"late": "no comparison", "late!1": "unknown comparison", "late=1": "unknown comparison"} {
		if _, err := Parse(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", in, err, want)
		}
	}
}

func TestHolds(t *testing.T) {
	for op, want := range map[string][3]bool{ // of 1, 2 and 3 with 2
		"<": {true, false, false}, "<=": {true, true, false}, ">": {false, false, true},
		">=": {false, true, true}, "==": {false, true, false}, "!=": {true, false, true},
	} {
		for i, w := range want {
			if got := Holds(op, float64(i+1), 2); got != w {
				t.Errorf("%d %s 2: got %v", i+1, op, got)
			}
		}
	}
}
