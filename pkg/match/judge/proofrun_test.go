package judge

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/damage"
	"github.com/otelsim/otelsim/pkg/internal/small"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/source"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/endpoint"
	"github.com/otelsim/otelsim/pkg/replay/ledger"
	"github.com/otelsim/otelsim/pkg/replay/otlpgrpc"
	"github.com/otelsim/otelsim/pkg/replay/otlphttp"
	"github.com/otelsim/otelsim/pkg/replay/sink"
)

// replayed sends the corpus of a trial through the damage, and returns what arrived and
// the ledger, nil when there is none.
func (tr *trial) replayed(t *testing.T, c *corpus.Corpus) (*damage.Result, []byte) {
	t.Helper()
	if tr.grpc {
		return tr.replayedGRPC(t, c)
	}
	proxy := damage.New(tr.damage)
	server := httptest.NewServer(proxy)
	defer server.Close()
	protocol := "http/protobuf"
	if tr.corpus.Format == otlp.FormatJSON {
		protocol = "http/json"
	}
	transport, err := otlphttp.New(otlphttp.Options{Settings: tr.settings(t, server.URL, protocol)})
	if err != nil {
		t.Fatal(err)
	}
	file := tr.send(t, c, transport)
	result, err := proxy.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return result, file
}

// replayedGRPC is replayed over gRPC, without damage.
func (tr *trial) replayedGRPC(t *testing.T, c *corpus.Corpus) (*damage.Result, []byte) {
	t.Helper()
	result := new(damage.Result)
	s, err := sink.Start(sink.Options{GRPCListen: "127.0.0.1:0", OnRequest: func(sig otlp.Signal, f otlp.Format, payload []byte) {
		// One at a time: see send.
		result.Messages = append(result.Messages, damage.Message{Signal: sig, Format: f, Payload: bytes.Clone(payload), Arrived: time.Now().UnixNano()})
		result.Requests++
	}})
	if err != nil {
		t.Fatal(err)
	}
	transport, err := otlpgrpc.New(otlpgrpc.Options{Settings: tr.settings(t, "http://"+s.GRPCAddr().String(), "grpc")})
	if err != nil {
		t.Fatal(err)
	}
	file := tr.send(t, c, transport)
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	return result, file
}

func (tr *trial) settings(t *testing.T, url, protocol string) endpoint.Settings {
	t.Helper()
	settings, err := endpoint.Resolve(endpoint.Flags{Endpoints: []string{url}, Protocol: protocol, Compression: tr.compression},
		func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	return settings[otlp.SignalTraces]
}

// send replays the corpus and returns the ledger. It closes the transport.
func (tr *trial) send(t *testing.T, c *corpus.Corpus, transport replay.Transport) []byte {
	t.Helper()
	defer transport.Close()
	src, err := replay.NewCorpus(t.Context(), c, "corpus", replay.CorpusOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var file bytes.Buffer
	o := replay.Options{
		Pacer: tr.pacer, Transport: transport, Original: tr.original, Laps: tr.laps, NoRetry: !tr.retry,
		MaxInFlight: 1, // so that the seed alone says what happens to which request
	}
	if tr.ledger {
		if o.Ledger, err = ledger.NewWriter(&file); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := replay.Run(t.Context(), src, o); err != nil {
		t.Fatal(err)
	}
	if tr.ledger {
		if err := o.Ledger.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return file.Bytes()
}

// sentLedger is match.Ledger of the bytes of a ledger.
type sentLedger []byte

func (l sentLedger) Each(_ context.Context, visit func(match.Entry) error) error {
	r, err := ledger.NewReader(bytes.NewReader(l))
	if err != nil {
		return err
	}
	defer r.Close()
	fates := map[ledger.Outcome]match.Fate{
		ledger.Accepted: match.Accepted, ledger.Rejected: match.Rejected, ledger.Failed: match.Failed, ledger.Unknown: match.Unknown,
	}
	return r.Each(func(e *ledger.Entry) error {
		return visit(match.Entry{
			Lap: e.Lap, Segment: e.Segment, Record: e.Record, Signal: e.Signal, Items: e.Items, Refused: e.Refused,
			First: e.First, Last: e.Last, Retries: e.Retries, Shift: e.Shift, Time: e.Time, Start: e.Start, Prev: e.Prev,
			Fate: fates[e.Outcome], Exemplars: r.Header().Exemplars == ledger.ExemplarsRequests,
		})
	})
}

// checked runs the check, which tells watch of everything that it finds.
func (r *run) checked(t *testing.T, wrap func(match.Judge) match.Judge, seen func(*segment, key, uint64, *match.Sent, *match.Received)) *Result {
	t.Helper()
	o := match.Options{Sent: match.FromCorpus(r.corpus), Workers: r.workers, TempDir: t.TempDir(), Outputs: []match.Output{r.output(t)}}
	if r.trial.ledger {
		o.Ledger = sentLedger(r.ledger)
	}
	j := New(Options{Outputs: []string{"damage"}, Ledger: r.trial.ledger})
	j.seen = seen
	summary, err := match.Check(t.Context(), o, wrap(j))
	if err != nil {
		t.Fatal(err)
	}
	return j.Result(summary)
}

// output returns what arrived as match reads it, and notes in which order it does.
func (r *run) output(t *testing.T) match.Output {
	t.Helper()
	each := func(_ context.Context, visit func(*match.Message) error) error {
		for _, m := range r.arrived.Messages {
			in := &match.Message{Signal: m.Signal, Format: m.Format, Payload: bytes.Clone(m.Payload)}
			if r.arrivals {
				in.Arrived = m.Arrived
			}
			if err := visit(in); err != nil {
				return err
			}
		}
		return nil
	}
	if r.files && len(r.arrived.Messages) > 0 {
		dir := t.TempDir()
		if err := r.arrived.WriteFiles(dir, r.arrivals); err != nil {
			t.Fatal(err)
		}
		opened, err := source.Open([]string{dir})
		if err != nil {
			t.Fatal(err)
		}
		each = opened[0].Each
	}
	places := make(map[string][]int) // of messages, by what they are
	for i, m := range r.arrived.Messages {
		name := fmt.Sprint(m.Signal) + string(m.Payload)
		places[name] = append(places[name], i)
	}
	r.read = r.read[:0]
	return match.Output{Name: "damage", Each: func(ctx context.Context, visit func(*match.Message) error) error {
		return each(ctx, func(m *match.Message) error {
			name := fmt.Sprint(m.Signal) + string(m.Payload)
			if len(places[name]) == 0 {
				return errors.New("a message that did not arrive")
			}
			r.read, places[name] = append(r.read, places[name][0]), places[name][1:]
			return visit(m)
		})
	}}
}

// origin is a record of the corpus in a lap.
type origin struct {
	signal          otlp.Signal
	segment, record uint64
	digests         []string // of its items
}

// request names the request that the record is in a lap.
func (o *origin) request(lap uint64) string {
	return fmt.Sprintf("lap %d, %v %d/%d", lap, o.signal, o.segment, o.record)
}

// sendOrder returns the records of a lap in the order in which they are sent.
func sendOrder(t *testing.T, c *corpus.Corpus) (all []origin) {
	t.Helper()
	byPayload := make(map[string][]origin)
	for _, r := range small.Records(t, c) {
		digests, err := damage.Digests(r.Signal, c.Manifest().Options.OTLPFormat(), r.Payload)
		if err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprint(r.Signal) + string(r.Payload)
		byPayload[name] = append(byPayload[name], origin{r.Signal, r.Segment, r.Number, digests})
	}
	src, err := replay.NewCorpus(t.Context(), c, "corpus", replay.CorpusOptions{})
	if err != nil {
		t.Fatal(err)
	}
	err = replay.Each(t.Context(), src, func(rec *replay.Record) error {
		name := fmt.Sprint(rec.Signal) + string(rec.Payload)
		list := byPayload[name]
		if len(list) == 0 {
			return fmt.Errorf("a record of %v is not in the corpus", rec.Signal)
		}
		all, byPayload[name] = append(all, list[0]), list[1:]
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
