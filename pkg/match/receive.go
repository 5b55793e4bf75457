package match

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/pipeline"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// A batch is handed to a worker when it has so many bytes or messages.
const (
	batchBytes    = 256 << 10
	batchMessages = 1024
)

// mostSplitters is how many workers take messages apart: more would wait for the one
// goroutine that spills.
const mostSplitters = 8

// batch is some messages of one output in their order, and the items in them.
type batch struct {
	data     []byte // the payloads
	messages []envelope
	output   uint16

	proto  []byte // of payloads that are JSON
	items  []placed
	parts  []part
	own    []byte // bytes of the parts
	laps   uint32 // the most of a span, plus 1
	seen   [otlp.NumSignals]uint64
	err    error
	failed int // the message that err is of
}

type envelope struct {
	start, end int
	number     uint64
	signal     otlp.Signal
	format     otlp.Format
	arrived    int64
	file       string // see Message
	numbered   uint64
}

// place says where a message was read.
func (e *envelope) place(output string) string {
	if e.file != "" {
		return fmt.Sprintf("%s, message %d", e.file, e.numbered)
	}
	return fmt.Sprintf("%s, message %d", output, e.number+1)
}

// placed is an item with its partition.
type placed struct {
	arrival
	partition uint64
}

func (b *batch) reset(output uint16) {
	b.data, b.messages, b.proto, b.items = b.data[:0], b.messages[:0], b.proto[:0], b.items[:0]
	b.parts, b.own = b.parts[:0], b.own[:0]
	b.output, b.laps, b.err, b.seen = output, 0, nil, [otlp.NumSignals]uint64{}
}

// received is what the first pass has found.
type received struct {
	spill     *spillFile
	items     [otlp.NumSignals]uint64
	laps      uint32 // the most of a span
	strangers uint64 // the partition of what is of no segment
	unplaced  uint64 // data points of no segment
	foreign   uint64 // spans and log records of no segment
}

// receive reads all outputs once and spills their items by partition. What it
// writes is a matter of the messages alone, since batches are collected in order.
func (r *received) receive(ctx context.Context, outputs []Output, workers int, newWorker func() *splitter) error {
	err := pipeline.Stream(ctx, workers, func() *batch { return new(batch) },
		func(ctx context.Context, hand func(**batch) (*batch, error)) error {
			return readAll(ctx, outputs, hand)
		},
		func() func(*batch) { return newWorker().split },
		func(b *batch) error { return r.collect(b, outputs) })
	if err != nil {
		return err
	}
	return r.spill.Finish()
}

// readAll hands the messages of all outputs on, in batches.
func readAll(ctx context.Context, outputs []Output, hand func(**batch) (*batch, error)) error {
	b, err := hand(nil)
	for i := 0; i < len(outputs) && err == nil; i++ {
		b.reset(uint16(i))
		number := uint64(0)
		err = outputs[i].Each(ctx, func(m *Message) error {
			start := len(b.data)
			b.data = append(b.data, m.Payload...)
			b.messages = append(b.messages, envelope{start, len(b.data), number, m.Signal, m.Format, m.Arrived, m.File, m.Number})
			number++
			if len(b.data) < batchBytes && len(b.messages) < batchMessages {
				return nil
			}
			next, err := hand(&b)
			if err == nil {
				b = next
				b.reset(uint16(i))
			}
			return err
		})
		if err == nil && len(b.messages) > 0 {
			b, err = hand(&b)
		}
	}
	return err
}

// collect spills the items of a batch.
func (r *received) collect(b *batch, outputs []Output) error {
	if b.err != nil {
		return fmt.Errorf("%s: %w", b.messages[b.failed].place(outputs[b.output].Name), b.err)
	}
	for i := range b.items {
		p := &b.items[i]
		if p.partition == r.strangers {
			if p.signal == otlp.SignalMetrics {
				r.unplaced++
			} else {
				r.foreign++
			}
		}
		if err := put(r.spill, p.partition, &p.arrival, b.parts); err != nil {
			return err
		}
	}
	for s, n := range b.seen {
		r.items[s] += n
	}
	r.laps = max(r.laps, b.laps)
	return nil
}

// splitter takes batches apart. Each worker has one.
type splitter struct {
	places  *places
	signals [otlp.NumSignals]bool
	split1  form.Splitter
	visit   func(*form.Raw) error
	laps    lapFinder
	hash    maphash.Seed
	keep    func(s *splitter, raw *form.Raw) (partition uint64, err error)

	batch    *batch
	envelope *envelope
	position uint32
	// The last parts met: their numbers with the Splitter and in the batch.
	ids     [3]uint64
	numbers [3]uint32
	process processes // that the resource may be of
	named   uint64    // number of the metric that name is of
	name    uint64
}

func newSplitter(p *places, signals [otlp.NumSignals]bool, hash maphash.Seed) *splitter {
	s := &splitter{places: p, signals: signals, hash: hash, keep: (*splitter).place}
	s.visit = s.item
	if p != nil {
		s.laps.seed = p.seed
	}
	return s
}

// errMessage says that a message is not what its output should hold.
var errMessage = errors.New("cannot be read")

func (s *splitter) split(b *batch) {
	s.batch, s.ids = b, [3]uint64{}
	for i := range b.messages {
		e := &b.messages[i]
		payload := b.data[e.start:e.end:e.end]
		s.envelope, s.position = e, 0
		if int(e.signal) >= len(s.signals) || !s.signals[e.signal] {
			continue
		}
		s.laps.reset()
		payload, err := protoOf(&b.proto, e.signal, e.format, payload)
		if err == nil {
			err = s.split1.Split(e.signal, payload, s.visit)
		}
		if err != nil {
			b.err, b.failed = fmt.Errorf("%w: %w", errMessage, err), i
			return
		}
	}
}

// protoOf returns a payload as protobuf: one that is JSON is appended to memory.
func protoOf(memory *[]byte, sig otlp.Signal, f otlp.Format, payload []byte) (proto []byte, err error) {
	if f != otlp.FormatJSON {
		return payload, nil
	}
	start := len(*memory)
	if *memory, err = form.AppendProto(*memory, sig, payload); err != nil {
		return nil, err
	}
	return (*memory)[start:len(*memory):len(*memory)], nil
}

// item takes one item of a message.
func (s *splitter) item(raw *form.Raw) error {
	b, e := s.batch, s.envelope
	a := arrival{
		signal: e.signal, message: raw.Message, output: b.output, position: s.position, number: e.number, arrived: e.arrived,
		time: raw.Time, start: raw.Start, trace: raw.TraceID, span: raw.SpanID, bytes: raw.Bytes,
	}
	s.position++
	if raw.ResourceID != s.ids[0] {
		s.process = 0
		if e.signal == otlp.SignalMetrics {
			s.process = processesOf(raw.Resource)
		}
	}
	a.resource = s.part(0, raw.ResourceID, raw.Resource)
	a.scope = s.part(1, raw.ScopeID, raw.Scope)
	a.metric = s.part(2, raw.MetricID, raw.Metric)
	if e.signal != otlp.SignalMetrics {
		a.metric = noPart
	}
	b.seen[e.signal]++
	p := placed{arrival: a}
	var err error
	p.partition, err = s.keep(s, raw)
	b.items = append(b.items, p)
	return err
}

// part returns the number of a part in the batch.
func (s *splitter) part(kind int, id uint64, bytes []byte) uint32 {
	if id == s.ids[kind] {
		return s.numbers[kind]
	}
	b := s.batch
	start := len(b.own)
	b.own = append(b.own, bytes...)
	own := b.own[start:len(b.own):len(b.own)]
	b.parts = append(b.parts, part{maphash.Bytes(s.hash, own), own})
	s.ids[kind], s.numbers[kind] = id, uint32(len(b.parts)-1)
	return s.numbers[kind]
}

// place finds the partition of an item.
func (s *splitter) place(raw *form.Raw) (partition uint64, err error) {
	p := s.places
	if s.envelope.signal == otlp.SignalMetrics {
		return p.ofPoint(raw.Time, s.process)
	}
	partition = p.ofTrace(raw.TraceID)
	if partition == p.strangers() || p.ledger {
		return partition, nil
	}
	if lap, ok := s.laps.find(&p.key, raw.TraceID, raw.SpanID); ok {
		s.batch.laps = max(s.batch.laps, lap+1)
	}
	return partition, nil
}
