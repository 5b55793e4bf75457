package bench

import (
	"io/fs"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"
	"google.golang.org/protobuf/proto"

	"github.com/otelsim/otelsim/config"
	"github.com/otelsim/otelsim/definitions"
	"github.com/otelsim/otelsim/pkg/build"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/codec"
)

// BenchmarkPipeline measures every stage of writing a corpus over the same
// segments of the bundled scenarios, so that the ratios between its lines hold
// on any machine: building the spans, appending them, the same through
// protobuf messages, compressing the bytes, and all of it together. MB/s count
// uncompressed protobuf, but for append-json.
func BenchmarkPipeline(b *testing.B) {
	const segments = 8
	plan := benchPlan(b)
	run := build.Run{
		Seed: 42, Count: segments * 1024, SegmentIterations: 1024,
		Start: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Interval: 500 * time.Millisecond,
	}
	records := benchRecords(b, plan, run)
	data := make([][]byte, segments)
	for i := range data {
		data[i] = benchSegment(b, benchGenerator(b, plan, run), uint64(i))
	}
	b.Run("build", func(b *testing.B) {
		g := benchGenerator(b, plan, run)
		benchSpans(b, func(i int) (spans, bytes int) {
			for k := range run.SegmentIterations {
				g.IterationLogs(uint64(i%segments)*run.SegmentIterations+k, func(t *otlp.Traces, _ *otlp.Logs) { spans += len(t.Spans) })
			}
			return spans, len(data[i%segments])
		})
	})
	for _, f := range []otlp.Format{otlp.FormatProto, otlp.FormatJSON} {
		b.Run("append-"+f.String(), func(b *testing.B) {
			e := otlp.Encoder{Format: f}
			var block otlp.Block
			benchSpans(b, func(i int) (spans, bytes int) {
				block.Reset()
				for k := range records[i%segments] {
					if err := e.AppendRecord(&block, &records[i%segments][k]); err != nil {
						b.Fatal(err)
					}
				}
				return int(block.Items), len(block.Data)
			})
		})
	}
	b.Run("messages", func(b *testing.B) {
		var out []byte
		benchSpans(b, func(i int) (spans, bytes int) {
			out = out[:0]
			for k := range records[i%segments] {
				r := &records[i%segments][k]
				var err error
				if out, err = (proto.MarshalOptions{}).MarshalAppend(out, messagesOf(r)); err != nil {
					b.Fatal(err)
				}
				spans += len(r.Spans)
			}
			return spans, len(out)
		})
	})
	b.Run("compress", func(b *testing.B) {
		e := benchEncoder(b)
		var out []byte
		benchSpans(b, func(i int) (spans, bytes int) {
			var err error
			if out, err = e.Append(out[:0], data[i%segments]); err != nil {
				b.Fatal(err)
			}
			return 0, len(data[i%segments])
		})
	})
	b.Run("whole", func(b *testing.B) {
		g, e := benchGenerator(b, plan, run), benchEncoder(b)
		var seg otlp.Segment
		var out []byte
		benchSpans(b, func(i int) (spans, bytes int) {
			seg.Reset()
			if err := g.AppendSegment(&seg, uint64(i%segments)); err != nil {
				b.Fatal(err)
			}
			block := &seg.Blocks[otlp.SignalTraces]
			runtime.KeepAlive(xxhash.Sum64(block.Data))
			var err error
			if out, err = e.Append(out[:0], block.Data); err != nil {
				b.Fatal(err)
			}
			return int(block.Items), len(block.Data)
		})
	})
}

// benchSpans runs f for one segment after another and reports spans and bytes
// a second, and allocations a span.
func benchSpans(b *testing.B, f func(i int) (spans, bytes int)) {
	for i := range 8 { // so that buffers have their size
		f(i)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	spans, bytes, i := 0, 0, 0
	for b.Loop() {
		s, n := f(i)
		spans, bytes, i = spans+s, bytes+n, i+1
	}
	runtime.ReadMemStats(&after)
	seconds := b.Elapsed().Seconds()
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(bytes)/1e6/seconds, "MB/s")
	if spans > 0 {
		b.ReportMetric(float64(spans)/seconds, "spans/s")
		b.ReportMetric(float64(after.Mallocs-before.Mallocs)/float64(spans), "allocs/span")
	}
}

func benchPlan(b testing.TB) *build.Plan {
	b.Helper()
	read := func(files fs.FS, name string) input.File {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			b.Fatal(err)
		}
		return input.File{Name: name, Data: data}
	}
	in := build.Inputs{
		Config: read(config.FS, "config.yaml"), Resource: read(config.FS, "resource.yaml"),
		Semconv: read(config.FS, "semconv.yaml"), Bundled: true,
	}
	names, err := fs.Glob(definitions.FS, "*.yaml")
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range names {
		in.Definitions = append(in.Definitions, read(definitions.FS, name))
	}
	var p input.Problems
	plan := build.Compile(in, build.Options{}, &p)
	if plan == nil {
		b.Fatal(p.Err())
	}
	return plan
}

func benchGenerator(b *testing.B, plan *build.Plan, run build.Run) *build.Generator {
	b.Helper()
	g, err := build.NewGenerator(plan, run)
	if err != nil {
		b.Fatal(err)
	}
	return g
}

func benchEncoder(b *testing.B) *codec.Encoder {
	b.Helper()
	e, err := codec.NewEncoder(codec.Zstd, codec.Fastest)
	if err != nil {
		b.Fatal(err)
	}
	return e
}

func benchSegment(b *testing.B, g *build.Generator, i uint64) []byte {
	b.Helper()
	var seg otlp.Segment
	if err := g.AppendSegment(&seg, i); err != nil {
		b.Fatal(err)
	}
	return seg.Blocks[otlp.SignalTraces].Data
}

// benchRecords returns the built records of each segment.
func benchRecords(b *testing.B, plan *build.Plan, run build.Run) [][]otlp.Traces {
	b.Helper()
	g := benchGenerator(b, plan, run)
	out := make([][]otlp.Traces, run.Segments())
	for i := range run.Count {
		g.IterationLogs(i, func(t *otlp.Traces, _ *otlp.Logs) {
			c := *t
			c.Spans, c.Attrs, c.Events = slices.Clone(t.Spans), slices.Clone(t.Attrs), slices.Clone(t.Events)
			c.Links, c.Text = slices.Clone(t.Links), slices.Clone(t.Text)
			c.Resources, c.Scopes = slices.Clone(t.Resources), slices.Clone(t.Scopes)
			out[i/run.SegmentIterations] = append(out[i/run.SegmentIterations], c)
		})
	}
	return out
}
