//go:build unix

package bench

import (
	"flag"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/internal/chart"
)

var (
	growthPage = flag.String("growth", "", "draw how time and memory grow on a page in `FILE`")
	growthMost = flag.Int("growth-sessions", 100_000, "up to `N` sessions of that")
)

// curve is how a command's costs follow a number.
type curve struct {
	Name string
	at   []int
	cost func(x int) (c cost, items uint64)

	CPU, Memory []chart.Point // microseconds an item, megabytes
}

// TestGrowth draws what each more costs: sessions, spans of a trace, attributes of a span,
// series of a metric, requests under way, connections. A flat line is what one hopes for.
func TestGrowth(t *testing.T) {
	if *growthPage == "" {
		t.Skip("no -growth given: make growth gives it")
	}
	p := newPlace(t)
	curves := append(generateCurves(p), replayCurves(p)...)
	for _, c := range curves {
		for _, x := range c.at {
			cost, items := c.cost(x)
			c.CPU = append(c.CPU, chart.Point{X: float64(x), Y: float64(cost.cpu.Microseconds()) / float64(items)})
			c.Memory = append(c.Memory, chart.Point{X: float64(x), Y: float64(cost.memory) / 1e6})
			fmt.Printf("%-44s %9d %8.3f us an item %8.1f MB\n", c.Name, x, c.CPU[len(c.CPU)-1].Y, c.Memory[len(c.Memory)-1].Y)
		}
	}
	f, err := os.Create(*growthPage)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := growthTemplate.Execute(f, curves); err != nil {
		t.Fatal(err)
	}
}

// items counts what a corpus holds.
func (p *place) items(dir string) (n uint64) {
	p.t.Helper()
	m, err := corpus.ReadManifest(dir)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, s := range m.Totals {
		n += s.Items
	}
	return n
}

// decades returns 1, 10, 100 and so on, from and to those given.
func decades(from, to int) (all []int) {
	for ; from <= to; from *= 10 {
		all = append(all, from)
	}
	return all
}

func generateCurves(p *place) []*curve {
	made := func(flags ...string) (cost, uint64) {
		c := p.run("otelsim-gen", append(flags, "--seed", "1", "--force", "--quiet", "-o", p.path("grown"))...)
		return c, p.items(p.path("grown"))
	}
	system := func(n int, text string) (cost, uint64) {
		file := filepath.Join(p.dir, "system.yaml")
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			p.t.Fatal(err)
		}
		return made("--definitions", file, "-n", strconv.Itoa(n), "--interval", "10ms")
	}
	const web = "services:\n  web:\n    operations:\n      GET /:\n"
	return []*curve{
		{Name: "generate, by sessions", at: decades(1000, *growthMost), cost: func(x int) (cost, uint64) { return made("-n", strconv.Itoa(x)) }},
		{Name: "verify, by sessions", at: decades(1000, *growthMost), cost: func(x int) (cost, uint64) {
			dir := p.corpus(fmt.Sprintf("of-%d", x), "-n", strconv.Itoa(x))
			return p.run("otelsim-gen", "verify", "--quiet", dir), p.items(dir)
		}},
		{Name: "generate, by spans of a trace", at: decades(10, 10_000), cost: func(x int) (cost, uint64) {
			return system(300_000/x, fmt.Sprintf(web+"        calls: [{span: work, count: %d}]\n", x-1))
		}},
		{Name: "generate, by attributes of a span", at: decades(1, 100), cost: func(x int) (cost, uint64) {
			var keys strings.Builder
			for i := range x {
				fmt.Fprintf(&keys, "          key.%d: {pattern: \"{hex:8}\"}\n", i)
			}
			return system(20_000, web+"        attributes:\n"+keys.String())
		}},
		{Name: "generate, by series of a metric", at: decades(1, 1000), cost: func(x int) (cost, uint64) {
			return system(20_000, fmt.Sprintf(web+"        attributes: {http.route: {pattern: \"/{word:8}\", pool: %d}}\n", x))
		}},
	}
}

func replayCurves(p *place) []*curve {
	overGRPC, _ := p.receiver()
	replay := func(dir string, flags ...string) (cost, uint64) {
		return p.run("otelsim-replay", append(flags, "--max", "--quiet", "--endpoint", "http://"+overGRPC, dir)...), p.items(dir)
	}
	small := func() string { return p.corpus("of-1000", "-n", "1000") }
	return []*curve{
		{Name: "replay, by sessions", at: decades(1000, *growthMost), cost: func(x int) (cost, uint64) {
			return replay(p.corpus(fmt.Sprintf("of-%d", x), "-n", strconv.Itoa(x)))
		}},
		{Name: "replay, by requests under way", at: decades(1, 1000), cost: func(x int) (cost, uint64) {
			return replay(small(), "--max-in-flight", strconv.Itoa(x))
		}},
		{Name: "replay, by connections", at: []int{1, 4, 16, 64}, cost: func(x int) (cost, uint64) {
			return replay(small(), "--connections", strconv.Itoa(x))
		}},
	}
}

// Figures are the values of a line with what they were measured at.
func (c *curve) Figures(points []chart.Point) string {
	var out []string
	for _, at := range points {
		out = append(out, fmt.Sprintf("%s: %.1f", chart.Short(at.X), at.Y))
	}
	return strings.Join(out, ", ")
}

// Chart draws one of the two lines of a curve.
func (c *curve) Chart(unit string, points []chart.Point) template.HTML {
	most := 0.0
	x := chart.Axis{Log: true, Low: points[0].X, High: max(points[len(points)-1].X, 10*points[0].X)}
	for _, at := range points {
		most = max(most, at.Y)
		x.Ticks = append(x.Ticks, chart.Tick{At: at.X, Label: chart.Short(at.X)})
	}
	var out strings.Builder
	for _, size := range chart.Sizes {
		picture := chart.New(size, x, chart.CountAxis(most*1.1))
		runs := [][]chart.Point{points}
		for i := range points {
			runs = append(runs, points[i:i+1]) // a dot where it was measured
		}
		picture.Line("sent", runs)
		out.WriteString(string(picture.Finish(c.Name + ", " + unit)))
	}
	return template.HTML(out.String())
}

var growthTemplate = template.Must(template.New("growth").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>How time and memory grow</title><style>
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1rem;color:#1c2733;background:#fff}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin:1.6rem 0 .2rem}p{margin:.2rem 0;color:#51606f}
svg{width:100%;height:auto;display:block}.narrow{display:none}@media(max-width:40rem){.wide{display:none}.narrow{display:block}}
text{font-size:11px;fill:#51606f}text.y{text-anchor:end}text.x{text-anchor:middle}
.grid{stroke:#e4e9ee}.axis{stroke:#8493a2}.line{fill:none;stroke:#1769aa;stroke-width:2}.dot{fill:#1769aa}
</style></head><body><h1>How time and memory grow</h1>
<p>Processor time an item, and the most memory of the process, one run of each.</p>
{{range .}}<h2>{{.Name}}</h2><p>microseconds an item, {{.Figures .CPU}}</p>{{.Chart "microseconds an item" .CPU}}<p>MB, {{.Figures .Memory}}</p>{{.Chart "MB" .Memory}}
{{end}}</body></html>
`))
