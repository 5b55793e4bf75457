package e2e

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// receiver is `otelsim-replay sink`, which keeps what it gets.
type receiver struct {
	process
	dir string // where it keeps that
}

// sink runs a receiver at an address.
func sink(t *testing.T, address string) *receiver {
	t.Helper()
	r := &receiver{dir: filepath.Join(t.TempDir(), "received")}
	r.launch(t, exec.Command(program(t, "otelsim-replay"), "sink", "--http-listen", address, "--grpc-listen", "127.0.0.1:0", "--output", r.dir))
	r.await(t, address)
	return r
}

// stop ends the receiver, which then has written everything.
func (r *receiver) stop(t *testing.T) {
	t.Helper()
	r.end(t, syscall.SIGINT)
}

// crash ends the Collector without giving it time to do anything.
func (c *collector) crash(t *testing.T) {
	t.Helper()
	c.end(t, syscall.SIGKILL)
}

// TestCheckQueue kills a Collector in the middle of a replay while what is behind it is
// away, so that its queue holds what it has accepted. Of a queue in memory, check must
// find exactly that lost; of one on disk, nothing.
func TestCheckQueue(t *testing.T) {
	for _, persistent := range []bool{false, true} {
		name := "in memory"
		if persistent {
			name = "on disk"
		}
		t.Run(name, func(t *testing.T) {
			s := corpus(t, "proto", "200")
			total := 0
			for _, n := range s.records {
				total += n
			}
			address, ledger := freeAddress(t), filepath.Join(t.TempDir(), "ledger.zst")
			set := setup{forward: "http://" + address}
			if persistent {
				set.queue = t.TempDir()
			}
			first := sink(t, address)
			c := start(t, set)
			flags := append(link{"grpc", "none"}.flags(c, false), "--time", "now", "--rps", strconv.Itoa(total/8), "--ledger", ledger, s.dir)
			r := replay(t, flags...)
			time.Sleep(3 * time.Second)
			first.stop(t)
			away := time.Now()
			time.Sleep(2 * time.Second)
			c.crash(t)
			killed := time.Now()
			set.from = c
			c = start(t, set)
			second := sink(t, address)
			rep := r.wait(t)
			c.stop(t) // which sends what is in the queue
			second.stop(t)

			got := check(t, "duplicates: allow\nsplit: allow\n", "--ledger", ledger, s.dir, first.dir, second.dir)
			t.Logf("sent %+v, received %+v: %+v, %+v", got.Sent, got.Received, got.Totals, got.Losses)
			sum := got.Totals.Lost + got.Totals.LostUnknown + got.Totals.Refused
			switch {
			case got.Sent.Spans+got.Sent.Points+got.Sent.LogRecords != rep.Items.Due:
				t.Errorf("sent %+v, due %d", got.Sent, rep.Items.Due)
			case persistent && (got.Verdict != "as expected" || got.Totals.Lost != 0):
				t.Errorf("a queue on disk: %s, %+v, %s", got.Verdict, got.Totals, got.Findings)
			case persistent:
			case got.Verdict != "findings" || got.Totals.Lost == 0 || got.Losses == nil:
				t.Errorf("a queue in memory: %s, %+v", got.Verdict, got.Totals)
			case got.Received.Spans+got.Received.Points+got.Received.LogRecords+sum-got.Totals.Duplicated != rep.Items.Due:
				t.Errorf("received %+v and absent %+v are not the %d that were due", got.Received, got.Totals, rep.Items.Due)
			default:
				between(t, got.Losses.First, got.Losses.Last, away.Add(-time.Second), killed.Add(time.Second/10))
			}
		})
	}
}

// between checks that losses lie between two times.
func between(t *testing.T, first, last string, from, to time.Time) {
	t.Helper()
	a, err1 := time.Parse(time.RFC3339Nano, first)
	b, err2 := time.Parse(time.RFC3339Nano, last)
	if err1 != nil || err2 != nil || a.Before(from) || b.After(to) {
		t.Errorf("losses from %s to %s, want them between %v and %v", first, last, from, to)
	}
}
