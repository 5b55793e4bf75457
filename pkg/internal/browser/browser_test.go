package browser

import (
	"strconv"
	"strings"
	"testing"
)

// Each fault is planted, and must be found.
func TestFaultsOfAPageAreFound(t *testing.T) {
	b := ForTest(t)
	rows := []struct{ name, body, want string }{
		{"none", `<p>a word</p><svg viewBox="0 0 100 30"><text x="10" y="20">b</text></svg>`, ""},
		{"overlap", `<svg viewBox="0 0 400 30"><text x="10" y="20">first</text><text x="20" y="20">second</text></svg>`, "overlap: first and second"},
		{"wide", `<div style="width:900px">x</div>`, "wide in a window of 402"},
		{"cut", `<div style="position:absolute;left:-50px">left</div>`, "cut off: left"},
		{"outside", `<svg viewBox="0 0 100 30" style="overflow:visible;margin:99px"><text x="-60" y="20">out</text></svg>`, "outside of its chart"},
		{"small", `<svg viewBox="0 0 4000 30"><text x="10" y="20">tiny</text></svg>`, "too small"},
		{"script", `<script>nothing.here()</script>`, "script: "},
	}
	var views []View
	for i, row := range rows {
		views = append(views, View{row.name, []byte("<!DOCTYPE html><html><head></head><body>" + row.body + "</body></html>"), 400 + i, 600, `fact("width", innerWidth)`})
	}
	reports, err := b.Check(views...)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		r := reports[i]
		got := strings.Join(r.Problems, "; ")
		if row.want == "" && got != "" || !strings.Contains(got, row.want) || r.Facts["width"] != strconv.Itoa(400+i) {
			t.Errorf("%s: got %q, %v, want %q", row.name, got, r.Facts, row.want)
		}
	}
}

// A page that never says what was found on it is told from one without faults.
func TestASilentPageIsNamed(t *testing.T) {
	b := ForTest(t)
	page := func(body string) []byte {
		return []byte("<!DOCTYPE html><html><head></head><body>" + body + "</body></html>")
	}
	_, err := b.Check(View{Name: "loud", Page: page("a"), Width: 400, Height: 600},
		View{Name: "mute", Page: page("<script>report = () => {}</script>"), Width: 400, Height: 600})
	if err == nil || !strings.Contains(err.Error(), "1 of 2 said something: mute") {
		t.Errorf("got %v", err)
	}
}
