package replay

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/corpus/wire"
)

const testSeed = 42

// encodeRequest returns a traces record of one request: spans with a parent, an
// event, a link and an attribute that holds a trace id.
func encodeRequest(iteration uint64, spans int, f otlp.Format) []byte {
	r := rand.New(rand.NewPCG(testSeed, iteration))
	key := ids.New(testSeed)
	t := &otlp.Traces{Strings: otlp.NewStrings()}
	str := t.Strings.ID
	trace := otlp.TraceID(key.TraceID(ids.Origin{Iteration: iteration}, r.Uint64()))
	span := key.SpanKey(trace)
	t.Attrs = append(t.Attrs, otlp.Attr{Key: str("service.name"), Kind: otlp.KindString, Word: uint64(str("test"))})
	t.Resources = []otlp.Resource{{Attrs: otlp.Range{Start: 0, End: 1}}}
	t.Scopes = []otlp.Scope{{Name: str("otelsim/test"), Version: str("1")}}
	start := uint64(1767225600e9) + iteration*500e6
	for i := range spans {
		at := otlp.Range{Start: uint32(len(t.Attrs))}
		t.Attrs = append(t.Attrs,
			otlp.Attr{Key: str("cp.incoming_trace_id"), Kind: otlp.KindString, Word: uint64(str(hex.EncodeToString(trace[:])))},
			otlp.Attr{Key: str("gen_ai.request.model"), Kind: otlp.KindString, Word: uint64(str(fmt.Sprintf("model-%d", r.IntN(5))))},
			otlp.Attr{Key: str("gen_ai.usage.input_tokens"), Kind: otlp.KindInt, Word: r.Uint64N(5000)})
		at.End = uint32(len(t.Attrs))
		s := otlp.Span{TraceID: trace, SpanID: span.SpanID(uint64(i + 1)), Name: str("llm.call"), Attrs: at, Flags: 0x101,
			Start: start + uint64(i)*1e6, End: start + uint64(i)*1e6 + r.Uint64N(1e9)}
		if i > 0 {
			s.ParentID = span.SpanID(1)
		}
		s.Events = otlp.Range{Start: uint32(len(t.Events)), End: uint32(len(t.Events) + 1)}
		t.Events = append(t.Events, otlp.Event{Time: s.Start + 1, Name: str("event")})
		s.Links = otlp.Range{Start: uint32(len(t.Links)), End: uint32(len(t.Links) + 1)}
		t.Links = append(t.Links, otlp.Link{TraceID: trace, SpanID: span.SpanID(1), Flags: 1})
		t.Spans = append(t.Spans, s)
	}
	return otlp.AppendTraces(nil, t, f)
}

// encodedSource yields encoded requests.
type encodedSource struct {
	fakeSource
	requests [][]byte
	format   otlp.Format
	scan     scanner
	sent     bool
}

func newEncodedSource(requests, spans int, f otlp.Format) *encodedSource {
	s := &encodedSource{format: f}
	for i := range requests {
		s.requests = append(s.requests, encodeRequest(uint64(i), spans, f))
	}
	return s
}

func (s *encodedSource) Format() otlp.Format          { return s.format }
func (s *encodedSource) Seed() uint64                 { return testSeed }
func (s *encodedSource) Rewind(context.Context) error { s.sent = false; return nil }

func (s *encodedSource) Next(_ context.Context, b *Batch) error {
	if s.sent {
		return io.EOF
	}
	s.sent = true
	s.scan.index.Places = nil // the batch before keeps its own
	for i, p := range s.requests {
		sh, err := s.scan.scan(otlp.SignalTraces, s.format, p)
		if err != nil {
			return err
		}
		b.Records = append(b.Records, Record{Payload: p, Items: sh.items, Lead: i, End: sh.last, stamps: s.scan.index.Places[sh.stamps[0]:sh.stamps[1]], bounds: sh.bounds})
	}
	return nil
}

func (s *encodedSource) bytes() (n int64) {
	for _, p := range s.requests {
		n += int64(len(p))
	}
	return n
}

// scanned returns the record of a payload.
func scanned(s *scanner, sig otlp.Signal, f otlp.Format, payload []byte) Record {
	sh, err := s.scan(sig, f, payload)
	if err != nil {
		panic(err)
	}
	return Record{Payload: payload, Items: sh.items, End: sh.last, Signal: sig, stamps: s.index.Places[sh.stamps[0]:sh.stamps[1]], bounds: sh.bounds}
}

func TestScanReadsWhatTheEncoderWrote(t *testing.T) {
	var s scanner
	for i := range uint64(20) {
		f := otlp.Format(i % 2)
		sh, err := s.scan(otlp.SignalTraces, f, encodeRequest(i, 7, f))
		if err != nil {
			t.Fatal(err)
		}
		if o := ids.New(testSeed).Origin(sh.trace); sh.items != 7 || o.Iteration != i || sh.last == 0 {
			t.Errorf("iteration %d: got %+v, origin %+v", i, sh, o)
		}
	}
}

func TestARecordEndsWhenItIsDue(t *testing.T) {
	var s scanner
	m := moves{wall: 1_900_000_000_123_456_789}
	m.begin(1)
	e := newRetimer(newEncodedSource(0, 0, otlp.FormatProto), false)
	for i := range uint64(50) {
		payload := encodeRequest(i, 5, otlp.FormatProto)
		rec := scanned(&s, otlp.SignalTraces, otlp.FormatProto, payload)
		due := time.Duration(i * 1_000_003)
		if _, _, err := e.apply(&rec, payload, 0, m.next(0, &rec, due)); err != nil {
			t.Fatal(err)
		}
		sh, err := new(scanner).scan(otlp.SignalTraces, otlp.FormatProto, payload)
		if want := uint64(m.wall + int64(due)); err != nil || sh.last != want {
			t.Fatalf("iteration %d: ends at %d, %v, want %d", i, sh.last, err, want)
		}
	}
}

func TestRetimeThenUnretimeIsIdentity(t *testing.T) {
	for i := range uint64(200) {
		f := otlp.Format(i % 2)
		e := newRetimer(newEncodedSource(0, 0, f), false)
		want := encodeRequest(i, int(1+i%9), f)
		got := bytes.Clone(want)
		shift := (int64(i) - 50) * 1_234_567_891_011
		rec := scanned(new(scanner), otlp.SignalTraces, f, got)
		if _, _, err := e.apply(&rec, got, i, retime{shift: shift, start: 1, prev: 1}); err != nil {
			t.Fatal(err)
		}
		if i > 0 && bytes.Equal(got, want) {
			t.Fatalf("request %d: nothing was changed", i)
		}
		if len(got) != len(want) {
			t.Fatalf("request %d: %d bytes became %d", i, len(want), len(got))
		}
		// XOR undoes itself; the shift is undone by its negative.
		rec = scanned(new(scanner), otlp.SignalTraces, f, got)
		if _, _, err := e.apply(&rec, got, i, retime{shift: -shift, start: 1, prev: 1}); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("request %d: not the same after undoing", i)
		}
	}
}

// The ids of all laps are different, and the iteration stays readable.
func TestLapsHaveTheirOwnIds(t *testing.T) {
	type spanID struct {
		trace otlp.TraceID
		span  otlp.SpanID
	}
	seen := map[spanID]string{}
	traces := map[otlp.TraceID]string{}
	e := newRetimer(newEncodedSource(0, 0, otlp.FormatProto), true)
	for lap := range uint64(20) {
		for i := range uint64(20) {
			p := encodeRequest(i, 3, otlp.FormatProto)
			if _, _, err := e.apply(&Record{Payload: p}, p, lap, retime{}); err != nil {
				t.Fatal(err)
			}
			if lap == 0 && !bytes.Equal(p, encodeRequest(i, 3, otlp.FormatProto)) {
				t.Fatal("the first lap does not keep its bytes")
			}
			who := fmt.Sprintf("lap %d iteration %d", lap, i)
			err := wire.Items(otlp.SignalTraces, p, func(it wire.Item) {
				id := spanID{otlp.TraceID(it.TraceID), otlp.SpanID(it.SpanID)}
				if other, ok := seen[id]; ok {
					t.Fatalf("%s has a span of %s", who, other)
				}
				if other, ok := traces[id.trace]; ok && other != who {
					t.Fatalf("%s has a trace of %s", who, other)
				}
				seen[id], traces[id.trace] = who, who
				if o := ids.New(testSeed).Origin(id.trace); o.Iteration != i {
					t.Fatalf("%s: the id says iteration %d", who, o.Iteration)
				}
				if n := binary.BigEndian.Uint64(id.span[:]); n == 0 {
					t.Fatalf("%s: span id is zero", who)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestMetricsHaveOneStartAndDeltasJoin(t *testing.T) {
	m := moves{wall: 1000}
	m.begin(5)
	rec := func(lead int, end uint64, sig otlp.Signal) *Record { return &Record{Lead: lead, End: end, Signal: sig} }
	m.next(0, rec(0, 500, otlp.SignalTraces), 10)
	for _, row := range []struct {
		i    int
		end  uint64
		due  time.Duration
		want retime
		why  string
	}{
		{1, 600, 20, retime{shift: 420, start: 1010, prev: 1010}, "the first tick counts since the segment's start"},
		{2, 600, 21, retime{shift: 421, start: 1010, prev: 1010}, "a second record of that tick too"},
		{3, 700, 90, retime{shift: 390, start: 1010, prev: 1020}, "the second tick since the first"},
		{4, 800, 95, retime{shift: 295, start: 1010, prev: 1090}, "the third since the second"},
	} {
		if got := m.next(row.i, rec(row.i, row.end, otlp.SignalMetrics), row.due); !reflect.DeepEqual(got, row.want) {
			t.Errorf("%s: got %+v, want %+v", row.why, got, row.want)
		}
	}
	m.begin(1)
	if got := m.next(0, rec(0, 900, otlp.SignalMetrics), 200); got.start != 1200 || got.prev != 1200 {
		t.Errorf("the next segment does not start anew: %+v", got)
	}
}
