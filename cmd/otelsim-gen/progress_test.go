package main

import (
	"bytes"
	"testing"
	"time"
)

// fakeProgress returns a progress that started at 0 and the clock it reads.
func fakeProgress(w *bytes.Buffer, terminal bool) (*progress, *time.Time) {
	now := time.Unix(0, 0)
	return &progress{
		w: w, noun: "segments", terminal: terminal, start: now, last: now,
		now: func() time.Time { return now },
	}, &now
}

func TestProgressLinesAreFew(t *testing.T) {
	var out bytes.Buffer
	p, now := fakeProgress(&out, false)
	for i := range uint64(21) {
		*now = time.Unix(int64(i), 0)
		p.update(100*i, 10_000)
	}
	p.end()
	const want = "500 of 10,000 segments, 5%, 100/s, 1m35s left\n" +
		"1,000 of 10,000 segments, 10%, 100/s, 1m30s left\n" +
		"1,500 of 10,000 segments, 15%, 100/s, 1m25s left\n" +
		"2,000 of 10,000 segments, 20%, 100/s, 1m20s left\n"
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestProgressOverwritesOneLine(t *testing.T) {
	var out bytes.Buffer
	p, now := fakeProgress(&out, true)
	*now = time.Unix(10, 0)
	p.update(1, 10)
	*now = time.Unix(10, 50e6) // too soon for another
	p.update(2, 10)
	*now = time.Unix(10, 100e6)
	p.update(10, 10)
	p.end()
	const want = "\r1 of 10 segments, 10%, 0.1/s, 1m30s left" +
		"\r10 of 10 segments, 100%, 1.0/s, 0s left " +
		"\r                                       \r"
	if got := out.String(); got != want {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

// TestProgressOfAResumedRun: what an interrupted run did is done, and says
// nothing about how long the rest takes.
func TestProgressOfAResumedRun(t *testing.T) {
	var out bytes.Buffer
	p, now := fakeProgress(&out, false)
	for i := range uint64(6) { // kept segments are only looked at
		*now = time.Unix(int64(i), 0)
		p.keep(1000 * i)
		p.update(1000*i, 10_000)
	}
	for i := range uint64(6) {
		*now = time.Unix(int64(5+i), 0)
		p.update(5000+10*i, 10_000)
	}
	const want = "5,000 of 10,000 segments, 50%\n5,050 of 10,000 segments, 50%, 10/s, 8m15s left\n"
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestProgressOfAShare(t *testing.T) {
	var out bytes.Buffer
	p, now := fakeProgress(&out, false)
	for i := range 13 {
		*now = time.Unix(int64(i), 0)
		p.part("7 spans", float64(i)/20)
	}
	const want = "7 spans, 25%, 15s left\n7 spans, 50%, 10s left\n"
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestQuietProgressPrintsNothing(t *testing.T) {
	var p *progress
	p.keep(1)
	p.update(1, 2)
	p.part("", 0.5)
	p.end()
}
