package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/replay"
)

// TestCheckProgress: lines say what was read and then what was judged, now and then.
func TestCheckProgress(t *testing.T) {
	var b strings.Builder
	p := &checkProgress{w: &b, segments: 3, last: time.Now()}
	for range 1000 {
		p.count(&p.read)
	}
	if b.Len() > 0 {
		t.Errorf("told at once: %q", b.String())
	}
	p.last = time.Now().Add(-time.Hour)
	for range 1000 {
		p.count(&p.read)
	}
	p.last = time.Now().Add(-time.Hour)
	p.count(&p.done)
	p.end()
	if got := b.String(); got != "1,024 messages read\n1 of 3 segments judged\n" {
		t.Errorf("got %q", got)
	}
}

// TestErrorsOfOutputs: what is wrong with an output is bad input, and what goes wrong
// with what was read is not.
func TestErrorsOfOutputs(t *testing.T) {
	broken := errors.New("broken")
	p := &checkProgress{}
	own := func(context.Context, func(*match.Message) error) error { return broken }
	through := func(_ context.Context, visit func(*match.Message) error) error { return visit(&match.Message{}) }
	all := p.outputs([]match.Output{{Each: own}, {Each: through}})
	visit := func(*match.Message) error { return broken }
	if err := all[0].Each(t.Context(), visit); !errors.Is(err, broken) || !errors.Is(err, replay.ErrInput) {
		t.Errorf("got %v", err)
	}
	if err := all[1].Each(t.Context(), visit); !errors.Is(err, broken) || errors.Is(err, replay.ErrInput) {
		t.Errorf("got %v", err)
	}
}
