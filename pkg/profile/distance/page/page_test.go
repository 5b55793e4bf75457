package page

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/browser"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/distance"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// made is a profile of a service with so many operations, some of which fail.
func made(seed uint64, operations int, slower, failures float64, name func(i int) string) *profile.Profile {
	r := rand.New(rand.NewPCG(seed, 1))
	p := &profile.Profile{Shapes: make(map[uint64]*profile.Shape), Classes: make(map[profile.ClassID]*profile.Class), Keys: make(map[string]*profile.Key),
		Starts: sketch.NewWindows(4096, 20)}
	spans := new(sketch.Numbers)
	p.Traces.Spans = spans
	at := 1e18
	for i := range operations {
		n := 2000 / (i + 1)
		class := func(outcome string) *profile.Class {
			c := &profile.Class{Service: "shop", Name: name(i), Kind: otlp.SpanKindServer, Outcome: outcome, Duration: new(sketch.Numbers), Own: new(sketch.Numbers)}
			p.Classes[profile.ClassID(2*i+len(outcome)/5)] = c
			return c
		}
		good, bad := class(""), class("error")
		for range n {
			c := good
			if r.Float64() < failures*float64(i)/10 {
				c = bad
			}
			c.Spans++
			c.Duration.Add(float64(1e6 * math.Exp(float64(i)/3+r.NormFloat64()/2) * slower))
			at += float64(1e8 * r.ExpFloat64())
			p.Starts.Add(uint64(at), 1)
			spans.Add(1)
		}
		p.Shapes[uint64(i+1)] = &profile.Shape{Traces: uint64(n), Text: "shop " + name(i)}
		p.Traces.Count += uint64(n)
		k := &profile.Key{Values: sketch.NewValues(64), Spans: uint64(n)}
		for j := range 10 * i {
			k.Values.Add(otlp.KindString, fmt.Append(nil, j), 1)
		}
		p.Keys[name(i)] = k
	}
	p.Sizes[otlp.SignalTraces] = profile.Size{Items: p.Traces.Count, Bytes: 300 * p.Traces.Count}
	return p
}

func plain(i int) string { return fmt.Sprintf("GET /orders/{digits}/items/%c", 'a'+i) }

const hostileText = "\x1b[31mred\u009b31m\u202egpj.exe\x7f\U000e0001\u2028<b></code><script>alert(1)</script>&\"'{{.}}"

func page(t *testing.T, a, b *profile.Profile, halves [2]*profile.Profile, name string) *Page {
	t.Helper()
	r, err := distance.Compare(distance.Side{Name: name, Profile: a, Halves: halves}, distance.Side{Name: "learnt", Profile: b})
	if err != nil {
		t.Fatal(err)
	}
	return &Page{Result: r, Program: "otelsim-gen devel"}
}

// pages are what a page can look like, by name.
func pages(t *testing.T) map[string]*Page {
	halves := [2]*profile.Profile{made(3, 8, 1, 0.3, plain), made(4, 8, 1, 0.3, plain)}
	long := func(i int) string { return strings.Repeat("averyveryverylongname", 20) + fmt.Sprint(i) }
	hostile := func(i int) string { return fmt.Sprint(hostileText, i) }
	alike := page(t, made(1, 8, 1, 0.3, plain), made(2, 8, 1, 0.3, plain), halves, "capture")
	few := page(t, made(1, 1, 1, 0, plain), made(2, 1, 1, 0, plain), [2]*profile.Profile{}, "capture")
	return map[string]*Page{
		"alike":   alike,
		"apart":   page(t, made(1, 8, 1, 0.3, plain), made(2, 12, 2, 0.9, plain), halves, "capture"),
		"few":     few,
		"long":    page(t, made(1, 40, 1, 0.3, long), made(2, 40, 3, 0.9, plain), halves, strings.Repeat("capture", 40)),
		"hostile": page(t, made(1, 3, 1, 0.3, hostile), made(2, 3, 2, 0.9, plain), halves, hostileText),
	}
}

func write(t *testing.T, p *Page) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPagesSayHowFarApart(t *testing.T) {
	for name, p := range pages(t) {
		page := write(t, p)
		shown := browser.Words(t, page)
		if bytes.Contains(page, []byte("<script")) {
			t.Errorf("%s: a text of others became a script", name)
		}
		if i := bytes.IndexAny(page, "\x1b\u009b\u202e\x7f\U000e0001\u2028"); i >= 0 {
			t.Errorf("%s: raw: %q", name, page[max(i-60, 0):i+10])
		}
		want := map[string][]string{
			"alike":   {"alike", "is within its limit", "duration_ks", "baseline 0.0", "GET /orders/{digits}/items/a", "Rates of errors", "Nothing to compare:", "links"},
			"apart":   {"apart", "over the limit", "what adds most to it", "Far apart by themselves", "shop: GET /orders/{digits}/items/c (server)", "none"},
			"few":     {"capture has too few traces for a baseline"},
			"hostile": {`\x1b[31mred\u009b31m\u202egpj.exe`, "<b></code><script>alert(1)</script>"},
		}[name]
		for _, w := range want {
			if !strings.Contains(shown, w) {
				t.Errorf("%s: no %q", name, w)
			}
		}
	}
}

// TestPagesInABrowser opens pages in windows of several widths. With OTELSIM_SCREENSHOTS set
// to a folder it leaves pictures there.
func TestPagesInABrowser(t *testing.T) {
	all := pages(t)
	var views []browser.View
	for _, v := range []browser.View{{Name: "apart", Width: 360}, {Name: "apart", Width: 1400}, {Name: "hostile", Width: 360}, {Name: "long", Width: 1400}} {
		v.Page, v.Height = write(t, all[v.Name]), 4200
		views = append(views, v)
	}
	browser.ForTest(t).SeeCharts(t, 15, views...)
}
