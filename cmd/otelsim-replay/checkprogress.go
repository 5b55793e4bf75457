package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/otelsim/otelsim/internal/terminal"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/match"
)

// checkProgress tells how far a check is: how many messages were read, and then how
// many segments were judged.
type checkProgress struct {
	w        io.Writer // nil: nobody is told
	terminal bool
	segments uint64

	mu    sync.Mutex
	read  uint64
	done  uint64
	last  time.Time
	shown terminal.Line
}

func (c *checkCommand) newProgress(a *app, in *checked) *checkProgress {
	p := &checkProgress{segments: uint64(len(in.corpus.Manifest().Segments)), last: time.Now()}
	if !c.quiet {
		p.w, p.terminal = a.errOut, terminal.Is(a.errOut)
	}
	return p
}

// outputs returns outputs that count what is read of them.
func (p *checkProgress) outputs(all []match.Output) []match.Output {
	for i := range all {
		each := all[i].Each
		all[i].Each = func(ctx context.Context, visit func(*match.Message) error) error {
			return each(ctx, func(m *match.Message) error {
				p.count(&p.read)
				return visit(m)
			})
		}
	}
	return all
}

// judge returns a judge that counts the segments that are done.
func (p *checkProgress) judge(j match.Judge) match.Judge { return countingJudge{j, p} }

type countingJudge struct {
	match.Judge
	p *checkProgress
}

func (j countingJudge) End(segment uint64, s match.SegmentJudge) error {
	err := j.Judge.End(segment, s)
	j.p.count(&j.p.done)
	return err
}

// count adds one to a number, and now and then tells both.
func (p *checkProgress) count(n *uint64) {
	if p.w == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	*n++
	if *n%256 != 0 && n == &p.read {
		return
	}
	every := linesEvery
	if p.terminal {
		every = statusEvery
	}
	now := time.Now()
	if now.Sub(p.last) < every {
		return
	}
	p.last = now
	line := text.Counted(p.read, "message") + " read"
	if p.done > 0 {
		line = fmt.Sprintf("%s of %s judged", text.Grouped(min(p.done, p.segments)), text.Counted(p.segments, "segment"))
	}
	if !p.terminal {
		fmt.Fprintln(p.w, line)
		return
	}
	p.shown.Show(p.w, line)
}

// end takes the line on the terminal away.
func (p *checkProgress) end() { p.shown.Clear(p.w) }
