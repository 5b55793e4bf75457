package main

import (
	"fmt"
	"io"
	"time"

	"github.com/otelsim/otelsim/internal/terminal"
	"github.com/otelsim/otelsim/internal/text"
)

// How often progress is printed: a line that is overwritten may change often,
// lines that stay should be few.
const (
	terminalEvery = 100 * time.Millisecond
	linesEvery    = 5 * time.Second
)

// progress tells how far a piece of work is, whenever it is told so itself.
// It has no clock of its own running.
type progress struct {
	w        io.Writer
	noun     string // what is counted, plural
	terminal bool   // one line, overwritten
	now      func() time.Time

	start, last time.Time
	from        uint64 // done before the start: no part of the rate
	shown       terminal.Line
}

// newProgress returns the progress of a piece of work that is about to start,
// or nil, which prints nothing, when the command should be silent.
func (a *app) newProgress(noun string) *progress {
	if a.quiet {
		return nil
	}
	start := a.now()
	p := &progress{w: a.errOut, noun: noun, terminal: terminal.Is(a.errOut), now: a.now, start: start, last: start}
	return p
}

// update tells that done of total are done.
func (p *progress) update(done, total uint64) {
	if elapsed, due := p.due(); due {
		p.show(p.line(done, total, elapsed))
	}
}

// part tells that a share of the work is done, and what that is: work whose steps
// cannot be counted before.
func (p *progress) part(what string, share float64) {
	elapsed, due := p.due()
	if !due {
		return
	}
	line := fmt.Sprintf("%s, %.0f%%", what, 100*share)
	if share > 0.01 {
		line += fmt.Sprintf(", %s left", text.Rough(time.Duration(elapsed.Seconds()*(1/share-1)*float64(time.Second))))
	}
	p.show(line)
}

// due reports whether it is time to tell something, and how long the work has taken.
func (p *progress) due() (elapsed time.Duration, due bool) {
	if p == nil {
		return 0, false
	}
	now, every := p.now(), linesEvery
	if p.terminal {
		every = terminalEvery
	}
	if now.Sub(p.last) < every {
		return 0, false
	}
	p.last = now
	return now.Sub(p.start), true
}

func (p *progress) show(line string) {
	if !p.terminal {
		fmt.Fprintln(p.w, line)
		return
	}
	p.shown.Show(p.w, line)
}

// keep tells that what is done so far was done before, by an interrupted run:
// the rate and what is left are those of the rest.
func (p *progress) keep(done uint64) {
	if p != nil {
		p.from, p.start = done, p.now()
	}
}

// line returns the state as text, elapsed after the start.
func (p *progress) line(done, total uint64, elapsed time.Duration) string {
	percent := 100.0
	if total > 0 {
		percent = 100 * float64(done) / float64(total)
	}
	line := fmt.Sprintf("%s of %s %s, %.0f%%", text.Grouped(done), text.Grouped(total), p.noun, percent)
	if done <= p.from || elapsed <= 0 {
		return line
	}
	rate := float64(done-p.from) / elapsed.Seconds()
	left := time.Duration(float64(total-done) / rate * float64(time.Second))
	speed := text.Grouped(uint64(rate))
	if rate < 10 { // segments may take seconds each
		speed = fmt.Sprintf("%.1f", rate)
	}
	return fmt.Sprintf("%s, %s/s, %s left", line, speed, text.Rough(left))
}

// end takes the status line away, so that what is printed next has its line.
func (p *progress) end() {
	if p != nil {
		p.shown.Clear(p.w)
	}
}
