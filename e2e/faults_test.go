package e2e

import (
	"strconv"
	"testing"
	"time"
)

// TestBatchProcessor sends through the batch processor, which joins and cuts
// the requests.
func TestBatchProcessor(t *testing.T) {
	s := corpus(t, "proto", "200")
	c := start(t, setup{
		forms: []form{protoFrames}, names: []string{"batch"},
		procs: object{"batch": object{"send_batch_size": 500, "send_batch_max_size": 700, "timeout": "200ms"}},
	})
	rep := replay(t, append(link{"grpc", "gzip"}.flags(c, false), "--max", s.dir)...).wait(t)
	c.stop(t)
	rep.all(t)
	for _, signal := range s.signals {
		received, messages := c.written(t, protoFrames, signal)
		if d := diff(s.sent[signal], received); d != (difference{}) {
			t.Errorf("%s: %+v", signal, d)
		}
		if signal == "traces" && messages == s.records[signal] {
			t.Errorf("%d records of %s: the batch processor did nothing", messages, signal)
		}
		t.Logf("%s: %d records sent, %d written", signal, s.records[signal], messages)
	}
}

// TestRestart stops and starts the Collector twice while the replayer sends.
// A request whose answer was lost may be written twice, so what is written more
// than once is bounded by what was sent more than once.
func TestRestart(t *testing.T) {
	for _, l := range []link{{"grpc", "none"}, {"http/protobuf", "gzip"}} {
		for _, retries := range []bool{true, false} {
			name := l.String() + " with retries"
			if !retries {
				name = l.String() + " without retries"
			}
			t.Run(name, func(t *testing.T) {
				s := corpus(t, "proto", "200")
				setting := setup{forms: []form{protoFrames}, keep: true}
				c := start(t, setting)
				total := 0
				for _, n := range s.records {
					total += n
				}
				flags := append(l.flags(c, false), "--rps", strconv.Itoa(total/6))
				if !retries {
					flags = append(flags, "--no-retry")
				}
				r := replay(t, append(flags, s.dir)...)
				for range 2 {
					time.Sleep(1500 * time.Millisecond)
					c.stop(t)
					time.Sleep(500 * time.Millisecond)
					setting.from = c
					c = start(t, setting)
				}
				rep := r.wait(t)
				c.stop(t)
				agree(t, s, c, rep)
				if retries && (rep.Items.Failed+rep.Items.Unknown != 0 || rep.Items.Retried == 0) {
					t.Errorf("with retries: %+v, %+v", rep.Items, rep.Reasons)
				}
				if !retries && (rep.Items.Failed+rep.Items.Unknown == 0 || rep.Items.Retried != 0) {
					t.Errorf("without retries: %+v, %+v", rep.Items, rep.Reasons)
				}
			})
		}
	}
}

// agree checks the ledger against the files. Everything accepted must be there
// and nothing altered. An attempt without an answer may have been written all
// the same: so may as much be there in addition as is unknown, and be there again
// as was retried.
func agree(t *testing.T, s *sample, c *collector, rep report) {
	t.Helper()
	for _, signal := range s.signals {
		received, _ := c.written(t, protoFrames, signal)
		d, l := diff(s.sent[signal], received), rep.Signals[signal].Items
		t.Logf("%s: ledger %+v; written %d: missing %d, altered %d, extra %d", signal, l, received.n, d.missing, d.altered, d.extra)
		distinct := uint64(s.sent[signal].n - d.missing)
		switch {
		case d.altered != 0:
			t.Errorf("%s: %d items altered", signal, d.altered)
		case l.Due != uint64(s.sent[signal].n):
			t.Errorf("%s: %d items due, the corpus has %d", signal, l.Due, s.sent[signal].n)
		case distinct < l.Accepted || distinct > l.Accepted+l.Unknown:
			t.Errorf("%s: %d items written, %d accepted and %d unknown", signal, distinct, l.Accepted, l.Unknown)
		case uint64(d.extra) > 2*l.Retried: // the answer to an item can be lost at each of the two stops
			t.Errorf("%s: %d items written again, %d sent again", signal, d.extra, l.Retried)
		}
	}
}

// limits lets the heap of a Collector grow into its memory limiter: the batch
// processor behind it holds what came in, until its timeout.
func limits(hold string) setup {
	return setup{
		forms: []form{protoFrames}, names: []string{"memory_limiter", "batch"},
		procs: object{
			"memory_limiter": object{"check_interval": "5ms", "limit_mib": 40, "spike_limit_mib": 8},
			"batch":          object{"send_batch_size": 1 << 30, "timeout": hold},
		},
	}
}

// TestMemoryLimiterRefuses counts what was refused: a refusal is an answer, so
// the ledger agrees with the files to the item.
func TestMemoryLimiterRefuses(t *testing.T) {
	for _, l := range []link{{"grpc", "none"}, {"http/protobuf", "zstd"}} {
		t.Run(l.String()+" for good", func(t *testing.T) {
			s := corpus(t, "proto", "1000")
			c := start(t, limits("10m"))
			rep := replay(t, append(l.flags(c, false), "--max", "--max-in-flight", "8", "--no-retry", s.dir)...).wait(t)
			c.stop(t)
			if rep.Items.Failed == 0 || rep.Items.Accepted == 0 {
				t.Errorf("%+v: want some accepted and some refused", rep.Items)
			}
			for _, signal := range s.signals {
				received, _ := c.written(t, protoFrames, signal)
				d, l := diff(s.sent[signal], received), rep.Signals[signal].Items
				t.Logf("%s: ledger %+v; written %d", signal, l, received.n)
				if uint64(received.n) != l.Accepted || uint64(d.missing) != l.Failed || d.altered+d.extra != 0 {
					t.Errorf("%s: written %d, %+v; ledger %+v", signal, received.n, d, l)
				}
			}
		})
		t.Run(l.String()+" for a while", func(t *testing.T) {
			s := corpus(t, "proto", "1000")
			c := start(t, limits("1s"))
			rep := replay(t, append(l.flags(c, false), "--max", "--max-in-flight", "8", "--retry-max-elapsed", "2m", s.dir)...).wait(t)
			c.stop(t)
			if rep.Items.Failed != 0 || rep.Items.Retried == 0 {
				t.Errorf("%+v, %+v: want all accepted and some refused before", rep.Items, rep.Reasons)
			}
			for _, signal := range s.signals {
				received, _ := c.written(t, protoFrames, signal)
				t.Logf("%s: ledger %+v; written %d", signal, rep.Signals[signal].Items, received.n)
				if d := diff(s.sent[signal], received); d != (difference{}) {
					t.Errorf("%s: %+v", signal, d)
				}
			}
		})
	}
}
