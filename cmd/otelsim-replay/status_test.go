package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/replay"
)

// shown returns what is printed for a run of which these are the states.
func shown(s *status, states ...replay.Status) string {
	var b bytes.Buffer
	s.w, s.target = &b, "http://127.0.0.1:4317 (grpc)"
	for _, st := range states {
		s.show(st)
	}
	s.end()
	return b.String()
}

func refused(at time.Duration) replay.Trouble {
	return replay.Trouble{At: at, Reason: "connection refused", Message: "dial\x1b[31m"}
}

func checkSaid(t *testing.T, got string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("no %q in\n%s", w, got)
		}
	}
	if strings.Contains(got, "\x1b") {
		t.Errorf("an escape is printed raw: %q", got)
	}
}

// Nobody listens: within three seconds that is told, with the address, the
// protocol and the reason, and not again and again.
func TestNobodyAnswersIsToldWithinThreeSeconds(t *testing.T) {
	var states []replay.Status
	for at := statusEvery; at <= 3*time.Second; at += statusEvery {
		states = append(states, replay.Status{Elapsed: at, InFlight: 9, Within: 30 * time.Second, Trouble: refused(at - time.Millisecond)})
	}
	got := shown(&status{}, states...)
	checkSaid(t, got, `no success yet at http://127.0.0.1:4317 (grpc): connection refused: dial\x1b[31m`)
	if n := strings.Count(got, "no success"); n != 1 {
		t.Errorf("it is told %d times:\n%s", n, got)
	}
	// One that takes requests and says nothing.
	for i := range states {
		states[i].Trouble = replay.Trouble{}
	}
	checkSaid(t, shown(&status{}, states...), "no answer yet from http://127.0.0.1:4317 (grpc)")
}

// What no further attempt changes is told from the first answer on.
func TestHopelessReceiversAreToldAtOnce(t *testing.T) {
	for _, reason := range hopeless {
		st := replay.Status{Elapsed: statusEvery, Trouble: replay.Trouble{At: statusEvery, Reason: reason, Message: "it says so"},
			Records: replay.Ledger{Due: 5, Failed: 5}}
		checkSaid(t, shown(&status{}, st), "no use at http://127.0.0.1:4317 (grpc): "+reason+": it says so")
	}
}

// A receiver that answers is no news, whatever one request came to.
func TestAReceiverThatAnswersIsNoNews(t *testing.T) {
	st := replay.Status{Elapsed: 4 * time.Second, Records: replay.Ledger{Due: 5, Accepted: 5}, Trouble: refused(3 * time.Second), InFlight: 1}
	if got := shown(&status{}, st); strings.Contains(got, "no success") || strings.Contains(got, "no answer") {
		t.Errorf("got\n%s", got)
	}
}

// While there is nothing to do but wait, it is told for how long.
func TestWaitingSaysHowLong(t *testing.T) {
	drain := replay.Status{Elapsed: 11 * time.Second, Records: replay.Ledger{Due: 90, Accepted: 90}, InFlight: 10, Within: 28 * time.Second}
	checkSaid(t, shown(&status{records: 100, length: 10 * time.Second}, drain), "10 in flight, at most 28s more")
	stopped := replay.Status{Elapsed: time.Second, Records: replay.Ledger{Due: 3, Accepted: 3}, InFlight: 2, Within: 9 * time.Second, Stopped: true}
	checkSaid(t, shown(&status{records: 100, length: time.Minute}, stopped), "2 in flight, at most 9s more")
	drain.Within = replay.NoTimeout
	checkSaid(t, shown(&status{records: 100, length: 10 * time.Second}, drain), "10 in flight, without limit")
	busy := replay.Status{Elapsed: 5 * time.Second, Records: replay.Ledger{Due: 50, Accepted: 50}, InFlight: 1, Within: 28 * time.Second}
	if got := shown(&status{records: 100, length: 10 * time.Second}, busy); strings.Contains(got, "in flight") {
		t.Errorf("a run that goes on waits for nothing:\n%s", got)
	}
}

// Where stderr is no terminal, lines are plain, and few.
func TestPlainLinesWhereThereIsNoTerminal(t *testing.T) {
	var states []replay.Status
	for at := statusEvery; at <= 12*time.Second; at += statusEvery {
		states = append(states, replay.Status{Elapsed: at, Records: replay.Ledger{Due: 1, Accepted: 1}})
	}
	got := shown(&status{}, states...)
	if n := strings.Count(got, "\n"); n != 3 || strings.ContainsAny(got, "\r\x1b") {
		t.Errorf("got %d lines, want one every 5s and the last state:\n%q", n, got)
	}
}
