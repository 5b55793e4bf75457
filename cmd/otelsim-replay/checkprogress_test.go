package main

import (
	"strings"
	"testing"
	"time"
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
