package intake

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/captures"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/form"
	"github.com/otelsim/otelsim/pkg/match/source"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

// kept is what a visitor was handed, as text, sorted.
type kept struct {
	loose                bool // spans by id, without what depends on their order
	traces, logs, points []string
	spans                int
}

func (k *kept) Trace(t *Trace) {
	var b strings.Builder
	fmt.Fprintf(&b, "%x %+v\n", t.ID, t.Faults)
	if k.loose {
		t = loosened(t) // without log records
	}
	for i := range t.Spans {
		s := &t.Spans[i]
		fmt.Fprintf(&b, "  %x %x %d %v %d %d %d %d %q %q %q %s %s\n", s.ID, s.ParentID, s.Parent, s.Orphan, s.Kind, s.Status, s.Start, s.End,
			s.Name, s.Message, s.State, s.Resource.Service, s.Scope.Name)
		writeAttributes(&b, s.Resource.Attributes)
		writeAttributes(&b, s.Attributes)
		for _, e := range s.Events {
			fmt.Fprintf(&b, "    event %d %q\n", e.Time, e.Name)
			writeAttributes(&b, e.Attributes)
		}
		for _, l := range s.Links {
			fmt.Fprintf(&b, "    link %x %x %q\n", l.TraceID, l.SpanID, l.State)
			writeAttributes(&b, l.Attributes)
		}
	}
	for i := range t.Logs {
		writeLog(&b, &t.Logs[i])
	}
	k.traces = append(k.traces, b.String())
	k.spans += len(t.Spans)
}

func writeAttributes(b *strings.Builder, all []Attribute) {
	for _, a := range all {
		fmt.Fprintf(b, "    %s %d %q %x\n", a.Key, a.Kind, a.Text, a.Word)
	}
}

func writeLog(b *strings.Builder, l *Log) {
	fmt.Fprintf(b, "  log %x %x %d %d %d %q %s %s\n", l.TraceID, l.SpanID, l.Span, l.Time, l.Severity, l.Event, l.Resource.Service, l.Scope.Name)
	writeAttributes(b, []Attribute{l.Body})
	writeAttributes(b, l.Attributes)
}

func (k *kept) Log(l *Log) {
	var b strings.Builder
	writeLog(&b, l)
	k.logs = append(k.logs, b.String())
}

func (k *kept) Point(p *Point) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %d %d %v %d %d %g %d %s\n", p.Metric, p.Unit, p.Kind, p.Temporality, p.Monotonic, p.Time, p.Start, p.Value, p.Count, p.Resource.Service)
	writeAttributes(&b, p.Attributes)
	k.points = append(k.points, b.String())
}

func (k *kept) sort() {
	slices.Sort(k.traces)
	slices.Sort(k.logs)
	slices.Sort(k.points)
}

// read returns what is at some paths.
func read(t *testing.T, paths ...string) (*kept, *Input) {
	t.Helper()
	in, err := Open(paths, Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	k := new(kept)
	if err := in.Each(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	k.sort()
	return k, in
}

func (k *kept) same(t *testing.T, want *kept) {
	t.Helper()
	if k.spans != want.spans {
		t.Errorf("got %d spans, want %d", k.spans, want.spans)
	}
	for _, of := range []struct {
		what      string
		got, want []string
	}{{"traces", k.traces, want.traces}, {"logs", k.logs, want.logs}, {"points", k.points, want.points}} {
		if len(of.got) != len(of.want) {
			t.Errorf("%s: got %d, want %d", of.what, len(of.got), len(of.want))
			continue
		}
		for i := range of.got {
			if of.got[i] != of.want[i] {
				t.Errorf("%s: got %s\nwant %s", of.what, of.got[i], of.want[i])
				break
			}
		}
	}
}

// generated writes a corpus.
func generated(t testing.TB, o otelsim.Options) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "corpus")
	plan, err := otelsim.New(o)
	if err == nil {
		_, err = plan.Write(t.Context(), otelsim.WriteOptions{Dir: dir})
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// payloads returns the messages of a corpus of protobuf in a format, shuffled: as they
// are, or an item each.
func payloads(t testing.TB, dir string, f otlp.Format, itemEach bool) (all [][]byte) {
	t.Helper()
	c, err := corpus.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	var split form.Splitter
	s := source.Records{Corpus: c}
	err = s.Each(t.Context(), func(m *match.Message) error {
		switch {
		case f == otlp.FormatJSON:
			all = append(all, inJSON(t, m.Signal, m.Payload))
		case !itemEach:
			all = append(all, bytes.Clone(m.Payload))
		default:
			return split.Split(m.Signal, m.Payload, func(r *form.Raw) error {
				all = append(all, single(r))
				return nil
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// inJSON returns a message as OTLP/JSON.
func inJSON(t testing.TB, sig otlp.Signal, payload []byte) []byte {
	t.Helper()
	m := [...]proto.Message{otlp.SignalTraces: &tracepb.TracesData{}, otlp.SignalMetrics: &metricspb.MetricsData{}, otlp.SignalLogs: &logspb.LogsData{}}[sig]
	err := proto.Unmarshal(payload, m)
	if err != nil {
		t.Fatal(err)
	}
	b, err := protojson.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// single returns a message of one item; of a point with all that is not it left out.
func single(r *form.Raw) []byte {
	item := r.Bytes
	if r.Metric != nil {
		item = r.Metric
	}
	scope := protowire.AppendBytes(protowire.AppendTag(bytes.Clone(r.Scope), 2, protowire.BytesType), item)
	resource := protowire.AppendBytes(protowire.AppendTag(bytes.Clone(r.Resource), 2, protowire.BytesType), scope)
	return protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), resource)
}

// TestCorpus: a corpus is the same however it is written and in whatever order.
func TestCorpus(t *testing.T) {
	dir := generated(t, otelsim.Options{Seed: 1, Count: 10, SegmentIterations: 4})
	want, in := read(t, dir)
	if len(want.traces) < 10 || len(want.logs)+len(want.points) == 0 || in.Faults() != (Faults{}) || in.Notes() != nil {
		t.Fatalf("%d traces, %d logs, %d points, %+v, %q", len(want.traces), len(want.logs), len(want.points), in.Faults(), in.Notes())
	}
	lines := payloads(t, dir, otlp.FormatJSON, false)
	t.Run("protojson", func(t *testing.T) { // with ids in Base64, as Tempo answers
		got, _ := read(t, captures.File(t, captures.Lines(lines)))
		got.same(t, want)
	})
	for i, line := range lines {
		lines[i] = appendModern(nil, line)
	}
	for _, messages := range [][][]byte{lines, payloads(t, dir, otlp.FormatProto, false)} {
		for name, data := range captures.Forms(t, messages) {
			t.Run(name, func(t *testing.T) {
				got, _ := read(t, captures.File(t, data))
				got.same(t, want)
			})
		}
	}
	t.Run("workers", func(t *testing.T) {
		all := []*kept{{}, {}, {}}
		if err := in.Each(t.Context(), all[0], all[1], all[2]); err != nil {
			t.Fatal(err)
		}
		together := new(kept)
		for _, k := range all {
			together.traces, together.logs = append(together.traces, k.traces...), append(together.logs, k.logs...)
			together.points, together.spans = append(together.points, k.points...), together.spans+k.spans
		}
		together.sort()
		together.same(t, want)
	})
	t.Run("with another", func(t *testing.T) {
		got, _ := read(t, dir, captures.File(t, []byte(jaegerFixture)))
		got.traces, got.spans = slices.DeleteFunc(got.traces, func(s string) bool { return s == jaegerWant }), got.spans-2
		got.same(t, want)
	})
	t.Run("apart", func(t *testing.T) {
		got, _ := read(t, captures.File(t, captures.Framed(payloads(t, dir, otlp.FormatProto, true))))
		got.points = want.points
		got.same(t, want)
	})
	t.Run("tempo", func(t *testing.T) { tempoOf(t, dir, want) })
	t.Run("jaeger", func(t *testing.T) { jaegerOf(t, dir) })
}
