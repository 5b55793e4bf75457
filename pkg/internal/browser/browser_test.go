package browser

import (
	"strings"
	"testing"
)

// Each fault is planted, and must be found.
func TestFaultsOfAPageAreFound(t *testing.T) {
	b := ForTest(t)
	for _, row := range []struct{ name, body, want string }{
		{"none", `<p>a word</p><svg viewBox="0 0 100 30"><text x="10" y="20">b</text></svg>`, ""},
		{"overlap", `<svg viewBox="0 0 400 30"><text x="10" y="20">first</text><text x="20" y="20">second</text></svg>`, "overlap: first and second"},
		{"wide", `<div style="width:900px">x</div>`, "wide in a window of 400"},
		{"cut", `<div style="position:absolute;left:-50px">left</div>`, "cut off: left"},
		{"outside", `<svg viewBox="0 0 100 30" style="overflow:visible;margin:99px"><text x="-60" y="20">out</text></svg>`, "outside of its chart"},
		{"small", `<svg viewBox="0 0 4000 30"><text x="10" y="20">tiny</text></svg>`, "too small"},
		{"script", `<script>nothing.here()</script>`, "script: "},
	} {
		r, err := b.Check([]byte("<!DOCTYPE html><html><head></head><body>"+row.body+"</body></html>"), 400, 600, `fact("width", innerWidth)`)
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(r.Problems, "; ")
		if row.want == "" && got != "" || !strings.Contains(got, row.want) || r.Facts["width"] != "400" {
			t.Errorf("%s: got %q, %v, want %q", row.name, got, r.Facts, row.want)
		}
	}
}
