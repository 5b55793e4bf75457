package damage

import (
	"bytes"
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/small"
	"github.com/otelsim/otelsim/pkg/otelsim"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/endpoint"
	"github.com/otelsim/otelsim/pkg/replay/otlphttp"
)

func memory(t *testing.T, f otlp.Format) *corpus.Corpus {
	t.Helper()
	return small.Corpus(t, otelsim.Options{Seed: 5, Count: 12, SegmentIterations: 8, Format: f, BatchItems: 60})
}

// send replays a corpus to p, one record at a time.
func send(t *testing.T, p *Proxy, c *corpus.Corpus, compression string, o replay.Options) *replay.Report {
	t.Helper()
	server := httptest.NewServer(p)
	defer server.Close()
	protocol := "http/protobuf"
	if c.Manifest().Options.OTLPFormat() == otlp.FormatJSON {
		protocol = "http/json"
	}
	settings, err := endpoint.Resolve(endpoint.Flags{Endpoints: []string{server.URL}, Protocol: protocol, Compression: compression}, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	transport, err := otlphttp.New(otlphttp.Options{Settings: settings[otlp.SignalTraces]})
	if err != nil {
		t.Fatal(err)
	}
	defer transport.Close()
	src, err := replay.NewCorpus(t.Context(), c, "corpus", replay.CorpusOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	o.Pacer, o.Transport, o.MaxInFlight = replay.Unpaced{}, transport, 1
	rep, err := replay.Run(t.Context(), src, o)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func finish(t *testing.T, p *Proxy) *Result {
	t.Helper()
	r, err := p.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Without damage what arrives is what was sent: the same messages of protobuf.
func TestWithoutDamageAllArrivesAsItWas(t *testing.T) {
	for _, f := range []otlp.Format{otlp.FormatProto, otlp.FormatJSON} {
		for _, compression := range []string{"none", "gzip", "zstd"} {
			t.Run(fmt.Sprintf("%v %s", f, compression), func(t *testing.T) {
				c := memory(t, f)
				p := New(Options{Format: f})
				send(t, p, c, compression, replay.Options{Original: true})
				r := finish(t, p)
				if len(r.List) > 0 || len(r.Expect(Known{})) > 0 {
					t.Errorf("got %d damages", len(r.List))
				}
				src, err := replay.NewCorpus(t.Context(), c, "corpus", replay.CorpusOptions{})
				if err != nil {
					t.Fatal(err)
				}
				n := 0
				err = replay.Each(t.Context(), src, func(rec *replay.Record) error {
					sent, err := decode(rec.Signal, f, rec.Payload)
					if err != nil {
						return err
					}
					got, err := decode(r.Messages[n].Signal, f, r.Messages[n].Payload)
					if err != nil {
						return err
					}
					if !proto.Equal(sent, got) {
						return fmt.Errorf("message %d differs", n)
					}
					n++
					return nil
				})
				if err != nil || n != len(r.Messages) {
					t.Errorf("%d of %d messages are as sent: %v", n, len(r.Messages), err)
				}
			})
		}
	}
}

// told is a list of damage, without what depends on the clock: nothing does.
func told(r *Result) string {
	var b strings.Builder
	for _, d := range r.List {
		fmt.Fprintf(&b, "%v: %v %s\n", d.Kind, d.Item, d.Path)
	}
	return b.String()
}

func TestTheListIsThatOfTheSeed(t *testing.T) {
	c := memory(t, otlp.FormatProto)
	run := func(seed uint64, original bool) string {
		p := New(Options{Seed: seed, Kinds: Kinds(), Items: 100, Requests: 50})
		send(t, p, c, "none", replay.Options{NoRetry: true, Laps: 2, Original: original})
		return told(finish(t, p))
	}
	first := run(1, false)
	if first == "" || first != run(1, false) || first != run(1, true) {
		t.Error("one seed gives several lists, or none")
	}
	if first == run(2, false) {
		t.Error("two seeds give one list")
	}
}

// Every kind happens, and what is expected of an item is what was done to it.
func TestEveryKindHappens(t *testing.T) {
	c := planted(t)
	for _, kind := range Kinds() {
		t.Run(kind.String(), func(t *testing.T) {
			p := New(Options{Seed: 3, Kinds: []Kind{kind}, Items: 200, Requests: 300})
			rep := send(t, p, c, "none", replay.Options{NoRetry: kind != Retried, Original: true})
			r := finish(t, p)
			if len(r.List) == 0 {
				t.Fatal("nothing happened")
			}
			classes := make(map[Class]int)
			for _, e := range r.Expect(Known{Fates: true, Arrivals: true}) {
				classes[e.Class]++
			}
			got := slices.Sorted(maps.Keys(classes))
			want := leads[kind]
			if kind >= Truncate {
				want = []Class{Altered}
			}
			if !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
			if kind == CutKept != (rep.Records.Unknown > 0) && kind != CutLost {
				t.Errorf("%d records unknown", rep.Records.Unknown)
			}
		})
	}
}

// leads is what each kind of damage leads to, in a corpus that has what it needs;
// what follows Truncate alters.
var leads = map[Kind][]Class{
	LoseRequest: {Lost}, RefuseLost: {Refused}, RefuseKept: nil, RefuseMore: {IncompleteTraces, LostOrRefused},
	FailLost: {Refused}, FailKept: nil, CutLost: {LostUnknown}, CutKept: nil, Retried: {Duplicated}, Delay: {Late},
	Split: {SplitTraces}, AlterResource: {Altered}, Drop: {IncompleteTraces, Lost}, Double: {Duplicated},
	DoubleAltered: {Duplicated}, MoveResource: {Moved}, MoveScope: {Moved}, Reorder: {Reordered}, MakeUp: {MadeUp},
}

// planted is a corpus with fields that the protocol does not know.
func planted(t *testing.T) *corpus.Corpus {
	t.Helper()
	plan, err := otelsim.New(otelsim.Options{Seed: 5, Count: 12, SegmentIterations: 8})
	if err != nil {
		t.Fatal(err)
	}
	fill, err := plan.NewFill()
	if err != nil {
		t.Fatal(err)
	}
	c, err := corpus.InMemory(plan.Header(), plan.Conventions(), func(segment uint64, seg *otlp.Segment) error {
		if err := fill(segment, seg); err != nil {
			return err
		}
		return Plant(seg, segment)
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestFilesHoldWhatArrived(t *testing.T) {
	for _, f := range []otlp.Format{otlp.FormatProto, otlp.FormatJSON} {
		p := New(Options{Seed: 1, Kinds: Kinds(), Items: 50, Shuffle: true, Merge: true, Format: f})
		send(t, p, memory(t, otlp.FormatProto), "none", replay.Options{NoRetry: true, Original: true})
		r := finish(t, p)
		dir := t.TempDir()
		if err := r.WriteFiles(dir, false); err != nil {
			t.Fatal(err)
		}
		var at [otlp.NumSignals][]byte
		for sig := range at {
			name := otlp.Signal(sig).String() + map[otlp.Format]string{otlp.FormatProto: ".pb", otlp.FormatJSON: ".jsonl"}[f]
			var err error
			if at[sig], err = os.ReadFile(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
		for i, m := range r.Messages {
			payload, rest, err := otlp.NextFrame(at[m.Signal], f)
			if err != nil || !bytes.Equal(payload, m.Payload) {
				t.Fatalf("%v: message %d is not in its file (%v)", f, i, err)
			}
			at[m.Signal] = rest
		}
	}
}
