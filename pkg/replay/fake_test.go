package replay

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// fakeSource yields records whose payload holds their index in the lap, each with
// items(i) items and recorded a millisecond after the one before.
type fakeSource struct {
	records int
	batch   int // records in a batch
	items   func(i int) uint64
	signal  func(i int) otlp.Signal
	failAt  int  // the batch at which Next fails; 0: none
	large   bool // batches take so much memory that few are made
	next    int
	rewinds int
}

func (s *fakeSource) Total() Total        { return Total{Records: uint64(s.records)} }
func (s *fakeSource) Format() otlp.Format { return otlp.FormatProto }
func (s *fakeSource) Seed() uint64        { return 1 }
func (s *fakeSource) Close() error        { return nil }
func (s *fakeSource) String() string      { return "fake" }
func (s *fakeSource) Rewind(context.Context) error {
	s.next = 0
	s.rewinds++
	return nil
}

func (s *fakeSource) itemsOf(i int) uint64 {
	if s.items == nil {
		return 1
	}
	return s.items(i)
}

func (s *fakeSource) Next(_ context.Context, b *Batch) error {
	if s.next == s.records {
		return io.EOF
	}
	if s.failAt > 0 && s.next >= s.failAt*s.batch {
		return errors.New("digest mismatch")
	}
	if s.large && cap(b.data) == 0 {
		b.data = make([]byte, 0, roomForBatches+1)
	}
	n := min(s.batch, s.records-s.next)
	for i := range n {
		// A field that OTLP does not have: what walks payloads leaves it alone.
		b.data = binary.BigEndian.AppendUint64(append(b.data, 15<<3|1), uint64(s.next+i))
	}
	for i := range n {
		r := Record{Payload: b.data[9*i : 9*i+9], Items: s.itemsOf(s.next + i), Lead: i}
		r.End = uint64(time.Hour) + uint64(s.next+i)*uint64(time.Millisecond)
		if s.signal != nil {
			r.Signal = s.signal(s.next + i)
		}
		b.Records = append(b.Records, r)
	}
	s.next += n
	return nil
}

// sent is one attempt that a fakeTransport saw.
type sent struct {
	record uint64
	at     time.Duration
}

// fakeTransport answers by a function of the record and of how often it was
// sent, after a wait in (fake) time.
type fakeTransport struct {
	start time.Time
	// anyPayload takes payloads that hold no index.
	anyPayload bool
	answer     func(record uint64, attempt int) (Result, time.Duration)

	mu       sync.Mutex
	sent     []sent
	attempts map[uint64]int
	inFlight int
	most     int
}

func newFake(answer func(uint64, int) (Result, time.Duration)) *fakeTransport {
	return &fakeTransport{start: time.Now(), answer: answer, attempts: map[uint64]int{}}
}

func (f *fakeTransport) Send(ctx context.Context, _ otlp.Signal, payload []byte) Result {
	n := uint64(0)
	if !f.anyPayload {
		n = binary.BigEndian.Uint64(payload[1:])
	}
	f.mu.Lock()
	f.sent = append(f.sent, sent{n, time.Since(f.start)})
	attempt := f.attempts[n]
	f.attempts[n]++
	f.inFlight++
	f.most = max(f.most, f.inFlight)
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		f.inFlight--
		f.mu.Unlock()
	}()
	res, wait := f.answer(n, attempt)
	if wait > 0 {
		t := time.NewTimer(wait)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
			return Result{Class: Retryable, Reason: "cancelled", Open: true}
		}
	}
	return res
}

func (f *fakeTransport) Close() error { return nil }

// took is the answer of a receiver that takes everything after wait.
func took(wait time.Duration) func(uint64, int) (Result, time.Duration) {
	return func(uint64, int) (Result, time.Duration) { return Result{}, wait }
}

// addsUp says what is wrong with a ledger, "" when nothing is.
func addsUp(l Ledger) string {
	if l.Due != l.Accepted+l.Rejected+l.Failed+l.Unknown {
		return fmt.Sprintf("due %d is not accepted %d + rejected %d + failed %d + unknown %d", l.Due, l.Accepted, l.Rejected, l.Failed, l.Unknown)
	}
	if max(l.Late, l.Retried, l.Throttled) > l.Due {
		return fmt.Sprintf("more late, retried or throttled than due: %+v", l)
	}
	return ""
}

// timeouts is the same timeout for every signal.
func timeouts(d time.Duration) (all [otlp.NumSignals]time.Duration) {
	for i := range all {
		all[i] = d
	}
	return all
}
