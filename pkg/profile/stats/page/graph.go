package page

import (
	"bytes"
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/internal/chart"
	"github.com/otelsim/otelsim/pkg/profile/stats"
)

// node is a service, or an address that spans say they ask.
type node struct {
	name    string
	address bool
	service *stats.Service // nil of addresses
	calls   uint64         // that it gets
	errors  uint64         // of these
}

// maxNodes is how many nodes a picture has at most: those with the most calls.
const maxNodes = 80

// picture is nodes and edges as they are drawn.
type picture struct {
	nodes []node
	edges []*stats.Edge
	ends  [][2]int
	left  int     // nodes that are not drawn
	most  float64 // calls of an edge
}

// pictureOf collects what is drawn of a report, in the order of its tree.
func pictureOf(r *stats.Report) *picture {
	type key struct {
		name    string
		address bool
	}
	p, at := &picture{}, make(map[key]int)
	put := func(k key, s *stats.Service) {
		if _, ok := at[k]; !ok {
			at[k] = len(p.nodes)
			p.nodes = append(p.nodes, node{name: k.name, address: k.address, service: s})
		}
	}
	services := make(map[string]*stats.Service)
	for i := range r.Services {
		services[r.Services[i].Name] = &r.Services[i]
	}
	for _, row := range r.Tree() {
		k := key{row.Name, row.Address}
		if row.Address {
			put(k, nil)
		} else {
			put(k, services[row.Name])
		}
	}
	for i := range r.Services {
		if s := &r.Services[i]; s.Spans > 0 {
			put(key{s.Name, false}, s)
		}
	}
	for i := range r.Edges {
		e := &r.Edges[i]
		from, to := at[key{e.From, e.FromAddress}], at[key{e.To, e.Address}]
		p.edges, p.ends = append(p.edges, e), append(p.ends, [2]int{from, to})
		p.nodes[to].calls += e.Calls
		p.nodes[to].errors += e.Errors
		p.most = max(p.most, float64(e.Calls))
	}
	p.trim()
	return p
}

// trim leaves nodes out beyond the most that are drawn.
func (p *picture) trim() {
	if len(p.nodes) <= maxNodes {
		return
	}
	weight := func(n *node) uint64 {
		if n.service != nil {
			return max(n.calls, n.service.Spans)
		}
		return n.calls
	}
	order := make([]int, len(p.nodes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(weight(&p.nodes[b]), weight(&p.nodes[a])) })
	kept := slices.Clone(order[:maxNodes])
	slices.Sort(kept)
	to := make(map[int]int)
	var nodes []node
	for i, n := range kept {
		to[n] = i
		nodes = append(nodes, p.nodes[n])
	}
	var edges []*stats.Edge
	var ends [][2]int
	for i, e := range p.ends {
		a, ok := to[e[0]]
		b, ok2 := to[e[1]]
		if ok && ok2 {
			edges, ends = append(edges, p.edges[i]), append(ends, [2]int{a, b})
		}
	}
	p.left = len(p.nodes) - maxNodes
	p.nodes, p.edges, p.ends = nodes, edges, ends
}

// The measures of the picture for wide windows.
const (
	wideWidth = 920
	boxHeight = 38
	edgeRoom  = 34   // between columns, at least
	mostWidth = 1100 // beyond which it is scrolled, not scaled
	margin    = 4
)

// wide draws the graph in layers from left to right.
func (p *picture) wide() template.HTML {
	l := layout(graph{len(p.nodes), p.ends})
	box := 152.0
	if l.layers > 5 {
		box = 126
	}
	step := box + edgeRoom
	if l.layers > 1 {
		step = min(max(step, (wideWidth-2*margin-box)/float64(l.layers-1)), 280)
	}
	width := max(wideWidth, 2*margin+box+step*float64(l.layers-1))
	inset := (width - box - step*float64(l.layers-1)) / 2
	x := func(n int) float64 { return inset + step*float64(l.layer[n]) }
	y := func(n int) float64 { return margin + l.y[n] }
	var b bytes.Buffer
	style := ""
	if width > mostWidth {
		style = fmt.Sprintf(` style="width:%.0fpx"`, width)
	}
	fmt.Fprintf(&b, `<svg class="wide"%s viewBox="0 0 %.0f %.0f" role="img" aria-label="Who calls whom">`, style, width, l.height()+2*margin)
	for i, e := range p.edges {
		from, to := p.ends[i][0], p.ends[i][1]
		points := [][2]float64{{x(from) + box, y(from)}}
		if l.back[i] { // it leaves on the left, and arrives from the right
			points[0][0] = x(from)
		}
		for k := range l.bends[i] {
			n := l.bends[i][k]
			if l.back[i] {
				n = l.bends[i][len(l.bends[i])-1-k]
			}
			a, z := [2]float64{x(n), y(n)}, [2]float64{x(n) + box, y(n)}
			if l.back[i] {
				a, z = z, a
			}
			points = append(points, a, z)
		}
		end, sign := [2]float64{x(to), y(to)}, 1.0
		if l.back[i] {
			end[0], sign = x(to)+box, -1
		}
		p.edge(&b, e, append(points, end), sign)
	}
	for i := range p.nodes {
		p.box(&b, &p.nodes[i], x(i), y(i)-boxHeight/2, box)
	}
	b.WriteString("</svg>\n")
	return template.HTML(b.String())
}

// edge draws a line with an arrow at its end; sign says whether it leads to the right.
func (p *picture) edge(b *bytes.Buffer, e *stats.Edge, points [][2]float64, sign float64) {
	class := "edge" + grade(e.ErrorRate)
	if e.Async*2 > e.Calls {
		class += " async"
	}
	thick := 1 + 4*math.Log1p(float64(e.Calls))/math.Log1p(max(p.most, 1))
	end := points[len(points)-1]
	fmt.Fprintf(b, `<g class="%s"><path d="M%.1f %.1f`, class, points[0][0], points[0][1])
	for i := 1; i < len(points); i++ {
		from, to := points[i-1], points[i]
		if i == len(points)-1 {
			to[0] -= sign * 6
		}
		half := (to[0] - from[0]) / 2
		fmt.Fprintf(b, "C%.1f %.1f %.1f %.1f %.1f %.1f", from[0]+half, from[1], to[0]-half, to[1], to[0], to[1])
	}
	fmt.Fprintf(b, `" stroke-width="%.1f"/>`, thick)
	back := end[0] - sign*(5+thick)
	fmt.Fprintf(b, `<path class="tip" d="M%.1f %.1fL%.1f %.1fL%.1f %.1fZ"/>`, back, end[1]-2-thick, end[0], end[1], back, end[1]+2+thick)
	fmt.Fprintf(b, "<title>%s</title></g>", escape(said(e)))
}

// grade is the class of what fails that often.
func grade(rate float64) string {
	switch {
	case rate >= 0.05:
		return " bad"
	case rate >= 0.005:
		return " fair"
	}
	return ""
}

func share(part, whole uint64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// said tells an edge in words.
func said(e *stats.Edge) string {
	s := fmt.Sprintf("%s to %s: %s, %s fail", e.From, e.To, text.Counted(e.Calls, "call"), chart.Percent(e.Errors, e.Calls))
	if e.Parallel > 0 {
		s += ", " + chart.Percent(e.Parallel, e.Calls) + " beside others"
	}
	if e.Async > 0 {
		s += ", " + chart.Percent(e.Async, e.Calls) + " not waited for"
	}
	return s
}

// box draws a node.
func (p *picture) box(b *bytes.Buffer, n *node, x, y, width float64) {
	class, amount, noun := "node", chart.Short(float64(n.calls)), " calls"
	errors, whole := n.errors, n.calls
	switch {
	case n.address:
		class += " address"
	case n.service != nil:
		amount, noun = chart.Short(float64(n.service.Spans)), " spans"
		if n.service.Spans == 1 {
			noun = " span"
		}
		errors, whole = n.service.EnterErrors, n.service.Entered
	}
	part := ""
	if errors > 0 {
		part = ", " + chart.Percent(errors, whole)
	}
	class += grade(share(errors, whole))
	if widthOf(amount+noun+part) > width-14 {
		noun = ""
	}
	fmt.Fprintf(b, `<g class="%s"><rect x="%.1f" y="%.1f" width="%.1f" height="%d" rx="5"/>`, class, x, y, width, boxHeight)
	fmt.Fprintf(b, `<text class="name" x="%.1f" y="%.1f">%s</text>`, x+8, y+16, escape(fit(n.name, width-14)))
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f">%s</text>`, x+8, y+31, escape(amount+noun+part))
	fmt.Fprintf(b, "<title>%s</title></g>", escape(n.said()))
}

// said tells a node in words.
func (n *node) said() string {
	if n.service == nil {
		return fmt.Sprintf("%s: %s, %s fail; no spans come from it", n.name, text.Counted(n.calls, "call"), chart.Percent(n.errors, n.calls))
	}
	s := n.service
	return fmt.Sprintf("%s: %s in %s, entered %s times, %s fail", n.name, text.Counted(s.Spans, "span"),
		text.Counted(s.Instances, "instance"), text.Grouped(s.Entered), chart.Percent(s.EnterErrors, s.Entered))
}

// letterWidths are those of characters in the size of labels, in units of a picture;
// others are as wide as the last.
var letterWidths = []struct {
	letters string
	width   float64
}{
	{"ijl'|", 3.6}, {" .,:;/\\!I", 4.2}, {"frt()[]-", 5}, {"acdesxzvkyJL_?*\"", 7.2}, {"bghnopqu0123456789{}<>=+$#", 7.8},
	{"ABCDEFGHKNOPQRSTUVXYZ&", 8.9}, {"mwMW%@", 11.9}, {"", 12.5},
}

// widthOf returns about how wide a text is.
func widthOf(s string) (width float64) {
	for _, r := range s {
		for i, x := range letterWidths {
			if strings.ContainsRune(x.letters, r) || i == len(letterWidths)-1 {
				width += x.width
				break
			}
		}
	}
	return width
}

// fit cuts a text that is wider than there is room for.
func fit(s string, room float64) string {
	s = text.Clean(s)
	if widthOf(s) <= room {
		return s
	}
	r := []rune(s)
	if len(r) > 400 {
		r = r[:400]
	}
	for len(r) > 1 && widthOf(string(r))+9 > room {
		r = r[:len(r)-1]
	}
	return string(r) + "\u2026"
}

// maxRows is how many lines the tree has at most.
const maxRows = 160

// narrow draws the graph as a tree, for narrow windows.
func narrow(r *stats.Report) template.HTML {
	const width, high, indent, deepest = 360, 24, 13, 9
	rows := r.Tree()
	for i := range r.Services {
		s := &r.Services[i]
		if s.Spans > 0 && !slices.ContainsFunc(rows, func(x stats.Row) bool { return x.Name == s.Name && !x.Address }) {
			rows = append(rows, stats.Row{Name: s.Name})
		}
	}
	left := len(rows) - min(len(rows), maxRows)
	rows = rows[:len(rows)-left]
	var b bytes.Buffer
	lines := len(rows)
	if left > 0 {
		lines++
	}
	fmt.Fprintf(&b, `<svg class="narrow" viewBox="0 0 %d %d" role="img" aria-label="Who calls whom">`, width, max(lines, 1)*high+4)
	var at [deepest + 1]float64 // where the last row of each depth is
	for i, row := range rows {
		depth := min(row.Depth, deepest)
		x, y := 4+indent*float64(depth), float64(i*high)+high/2
		if depth > 0 {
			fmt.Fprintf(&b, `<path class="branch" d="M%.1f %.1fV%.1fH%.1f"/>`, x-indent+4, at[depth-1]+8, y, x-2)
		}
		at[depth] = y
		class, name, amount := "name", row.Name, ""
		if row.Address || row.Again {
			class = "faint"
		}
		if row.Again {
			name += ", above"
		}
		if e := row.Edge; e != nil {
			amount = chart.Short(float64(e.Calls))
			if e.Errors > 0 {
				amount += ", " + chart.Percent(e.Errors, e.Calls)
			}
		}
		room := width - x - 6 - widthOf(amount) - 8
		fmt.Fprintf(&b, `<text class="%s" x="%.1f" y="%.1f">%s</text>`, class, x+2, y+4, escape(fit(name, room)))
		if amount != "" {
			fmt.Fprintf(&b, `<text class="y%s" x="%d" y="%.1f">%s</text>`, grade(row.Edge.ErrorRate), width-4, y+4, amount)
		}
	}
	if left > 0 {
		fmt.Fprintf(&b, `<text x="6" y="%d">and %s more</text>`, len(rows)*high+high/2+4, text.Grouped(left))
	}
	b.WriteString("</svg>\n")
	return template.HTML(b.String())
}

// escape makes a text of others fit for a picture.
func escape(s string) string { return template.HTMLEscapeString(text.Clean(s)) }
