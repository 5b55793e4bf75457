package page

import (
	"bytes"
	"fmt"
	"html/template"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/chart"
	"github.com/otelsim/otelsim/pkg/match/judge"
)

// flow is what became of the items of one signal.
type flow struct {
	Name, Note string
	Charts     []template.HTML
	streams    []stream
}

// stream is a part of the items that went one way.
type stream struct {
	class, name string
	n           uint64
	from, to    bool // it leaves the sender, it gets to the receiver
}

// flow returns the picture of a signal, if there is anything of it.
func (p *Page) flow(sig otlp.Signal) (f flow, ok bool) {
	r := p.Result
	sent, received := r.Sent.Of(sig), r.Received.Of(sig)
	if sent+received == 0 {
		return f, false
	}
	f.Name = sig.String()
	f.Note = text.Counted(sent, sig.Item()) + " sent, " + text.Grouped(received) + " received"
	wanted := sent
	if r.FanOut && len(r.Outputs) > 1 {
		wanted *= uint64(len(r.Outputs))
		f.Note += ", each wanted in " + text.Counted(len(r.Outputs), "output")
	}
	t := r.BySignal[f.Name]
	// What is counted in two classes flows in the first of them.
	left := func(n *uint64, part uint64) uint64 {
		part = min(part, *n)
		*n -= part
		return part
	}
	madeUp, doubled := left(&received, t.MadeUp), left(&received, t.Duplicated)
	left(&wanted, received) // what arrived of what was sent
	altered, moved := left(&received, t.Altered), left(&received, t.Moved)
	lost, unknown, refused := left(&wanted, t.Lost), left(&wanted, t.LostUnknown), left(&wanted, t.Refused)
	same, rest, class := "as sent", "not there", "refused"
	switch {
	case r.Verdict == judge.Undecided:
		same = "received"
	case len(r.Rules) > 0:
		same, rest, class = "as expected", "dropped by rule", "dropped"
	}
	f.streams = []stream{
		{"madeup", "made up", madeUp, false, true},
		{"doubled", "duplicated", doubled, false, true},
		{"same", same, received, true, true},
		{"altered", "altered", altered, true, true},
		{"moved", "moved", moved, true, true},
		{"lost", "lost", lost, true, false},
		{"unknown", "perhaps lost", unknown, true, false},
		{"refused", "refused", refused, true, false},
		{class, rest, wanted, true, false},
	}
	for _, s := range flowSizes {
		f.Charts = append(f.Charts, drawFlow(s, f.Name+": "+f.Note, f.streams))
	}
	return f, true
}

// legendOf returns the classes that occur in the pictures.
func legendOf(flows []flow) (all []key) {
	if len(flows) == 0 {
		return nil
	}
	for i, s := range flows[0].streams {
		some := false
		for _, f := range flows {
			some = some || f.streams[i].n > 0
		}
		if some {
			all = append(all, key{s.class, s.name})
		}
	}
	return all
}

// flowSizes are those in which a flow is drawn.
var flowSizes = []chart.Size{{Class: "wide", Width: 920, Height: 150}, {Class: "narrow", Width: 360, Height: 130}}

const (
	blockWidth  = 10  // of the sender and the receiver
	labelWidth  = 176 // beside the receiver
	labelStep   = 17  // from one line to the next
	thinnest    = 3   // that a stream of something is drawn
	flowGap     = 10  // between what arrives and what does not
	plainHeight = 44  // of a picture in which everything went one way
)

// heights returns how high each stream is in a picture of the given height: as
// high as it is many, but never too thin to be seen.
func heights(streams []stream, height float64) []float64 {
	all := make([]float64, len(streams))
	total, thick := 0.0, 0.0
	for i := range streams {
		total += float64(streams[i].n)
	}
	room := height
	for i, s := range streams {
		if all[i] = float64(s.n) / total * height; s.n > 0 && all[i] < thinnest {
			all[i] = thinnest
			room -= thinnest
		} else {
			thick += all[i]
		}
	}
	for i := range all {
		if all[i] > thinnest && thick > 0 {
			all[i] = max(all[i]*room/thick, thinnest)
		}
	}
	return all
}

// written returns a number in full, unless it is too long for a label.
func written(n uint64) string {
	if n < 1e9 {
		return text.Grouped(n)
	}
	return chart.Short(float64(n))
}

// drawFlow draws the streams from the sender on the left to the receiver on the
// right. What does not arrive ends below it, and what was not sent begins above
// the sender.
func drawFlow(size chart.Size, name string, streams []stream) template.HTML {
	var body bytes.Buffer
	some := 0
	for i := range streams {
		if streams[i].n > 0 {
			some++
		}
	}
	if some == 1 {
		size.Height = plainHeight
	}
	tall := heights(streams, size.Height)
	from, to := 4.0, size.Width-labelWidth-blockWidth
	left, right, label := 8.0, 8.0, 0.0
	for i, s := range streams {
		if s.n == 0 {
			continue
		}
		if i > 0 && s.from && !streams[i-1].from && left > 8 {
			left += flowGap
		}
		if !s.to && streams[i-1].to && right > 8 {
			right += flowGap
		}
		h, middle := tall[i], (from+to)/2+blockWidth/2
		said := fmt.Sprintf("%s %s", text.Grouped(s.n), s.name)
		if s.from {
			fmt.Fprintf(&body, `<rect class="sent" x="%.1f" y="%.1f" width="%d" height="%.1f"/>`, from, left, blockWidth, h)
		}
		fmt.Fprintf(&body, `<path class="band %s" d="M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1fV%.1fC%.1f %.1f %.1f %.1f %.1f %.1fZ"><title>%s</title></path>`, s.class,
			from+blockWidth, left, middle, left, middle, right, to, right, right+h, middle, right+h, middle, left+h, from+blockWidth, left+h, said)
		fmt.Fprintf(&body, `<rect class="%s" x="%.1f" y="%.1f" width="%d" height="%.1f"/>`, s.class, to, right, blockWidth, h)
		at := max(right+h/2, label+labelStep)
		label = at
		fmt.Fprintf(&body, `<path class="lead" d="M%.1f %.1fL%.1f %.1f"/>`, to+blockWidth+2, right+h/2, to+blockWidth+10, at)
		fmt.Fprintf(&body, `<text class="said" x="%.1f" y="%.1f">%s</text>`, to+blockWidth+14, at+4, written(s.n)+" "+s.name)
		left, right = left+h, right+h
	}
	height := max(left, right, label+labelStep/2) + 6
	return template.HTML(fmt.Sprintf(`<svg class="%s" viewBox="0 0 %g %.1f" role="img" aria-label="%s">`, size.Class, size.Width, height,
		template.HTMLEscapeString(name)) + body.String() + "</svg>\n")
}
