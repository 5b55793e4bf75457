package sink

import (
	"sync"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Ledger compares what arrives with what should, item by item.
//
// A span is known by trace id and span id. Log records and data points have no
// ids: a log record is known by its content, a point by its resource, the name
// of its metric and its content, in both cases without times and exemplars,
// which a replay moves. Equal ones are counted. What is known is a hash of
// 128 bits: an expected item costs about 40 bytes, any other nothing. What is
// expected must be said before it arrives.
//
// A ledger is safe for concurrent use.
type Ledger struct {
	signals [otlp.NumSignals]struct{ shards [ledgerShards]ledgerShard }
}

// ledgerShards spreads the locks.
const ledgerShards = 64

type ledgerShard struct {
	mu         sync.Mutex
	items      map[key]balance
	unexpected int64
}

// key is the hash of what an item is known by.
type key struct{ hi, lo uint64 }

type balance struct{ want, got uint32 }

// NewLedger returns a ledger that expects nothing.
func NewLedger() *Ledger {
	l := new(Ledger)
	for i := range l.signals {
		for j := range l.signals[i].shards {
			l.signals[i].shards[j].items = make(map[key]balance)
		}
	}
	return l
}

// Expect adds every item of one record. The format must be that in which it
// will arrive, but for traces, whose ids are the same in both. A record that
// cannot be read is an error, and nothing of it is expected.
func (l *Ledger) Expect(sig otlp.Signal, format otlp.Format, payload []byte) error {
	var s scanner
	s.reset(true)
	if err := s.scan(sig, format, payload); err != nil {
		return err
	}
	l.expect(sig, s.keys)
	return nil
}

func (l *Ledger) expect(sig otlp.Signal, keys []key) {
	for _, k := range keys {
		shard := l.shard(sig, k)
		shard.mu.Lock()
		b := shard.items[k]
		b.want++
		shard.items[k] = b
		shard.mu.Unlock()
	}
}

func (l *Ledger) shard(sig otlp.Signal, k key) *ledgerShard {
	return &l.signals[sig].shards[(k.hi^k.lo)%ledgerShards]
}

func (l *Ledger) receive(sig otlp.Signal, keys []key) {
	for _, k := range keys {
		shard := l.shard(sig, k)
		shard.mu.Lock()
		if b, ok := shard.items[k]; ok {
			b.got++
			shard.items[k] = b
		} else {
			shard.unexpected++
		}
		shard.mu.Unlock()
	}
}

// Balance is a ledger's result for one signal, in items. Exactly once is
// Expected == Received with the other three at zero.
type Balance struct {
	Expected   int64
	Received   int64 // as often as they came
	Missing    int64 // expected and not received
	Duplicated int64 // received more often than expected
	Unexpected int64 // received and never expected
}

// Exact reports whether every item arrived exactly once, and nothing else.
func (b Balance) Exact() bool { return b.Missing == 0 && b.Duplicated == 0 && b.Unexpected == 0 }

// Balance returns the result so far, indexed by Signal.
func (l *Ledger) Balance() [otlp.NumSignals]Balance {
	var all [otlp.NumSignals]Balance
	for i := range l.signals {
		r := &all[i]
		for j := range l.signals[i].shards {
			s := &l.signals[i].shards[j]
			s.mu.Lock()
			r.Unexpected += s.unexpected
			r.Received += s.unexpected
			for _, b := range s.items {
				want, got := int64(b.want), int64(b.got)
				r.Expected += want
				r.Received += got
				r.Missing += max(want-got, 0)
				r.Duplicated += max(got-want, 0)
			}
			s.mu.Unlock()
		}
	}
	return all
}
