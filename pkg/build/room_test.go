package build

import (
	"runtime"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Memory for a segment is made once. Growing as it fills would take six times
// its size, and guesses without margin would make it anew for some of the next.
func TestSegmentsLeaveLittleGarbage(t *testing.T) {
	plan := compiledWithWarnings(t, bundled(t), Options{})
	for _, format := range []otlp.Format{otlp.FormatProto, otlp.FormatJSON} {
		r := run(1 << 20)
		r.SegmentIterations, r.Format = 1024, format
		r.Signals = []otlp.Signal{otlp.SignalTraces, otlp.SignalLogs} // metrics are written at the end, all at once
		g := generator(t, plan, r)
		var seg otlp.Segment
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		size := uint64(0)
		for index := range uint64(6) {
			seg.Reset()
			if err := g.AppendSegment(&seg, index); err != nil {
				t.Fatal(err)
			}
			size = max(size, uint64(len(seg.Blocks[otlp.SignalTraces].Data)+len(seg.Blocks[otlp.SignalLogs].Data)))
		}
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > 5*size/2 {
			t.Errorf("%v: segments of up to %d bytes take %d", format, size, got)
		}
	}
}

// What the first sessions say of a segment is not all believed.
func TestRoomIsBounded(t *testing.T) {
	for _, row := range []struct{ filled, room, least, most int }{
		{0, 0, 0, 0},
		{100_000, 100_000, 1_000_000, 1_100_000},
		{100_000, 800_000, 800_000, 800_000},
		{20_000_000, 20_000_000, segmentBytes * 5 / 4, segmentBytes * 4 / 3},
		{segmentBytes + 1, segmentBytes + 1, segmentBytes + 1, segmentBytes + 1},
	} {
		var seg otlp.Segment
		seg.Blocks[otlp.SignalLogs].Data = make([]byte, row.filled, row.room)
		makeRoom(&seg)
		if b := seg.Blocks[otlp.SignalLogs].Data; len(b) != row.filled || cap(b) < row.least || cap(b) > row.most {
			t.Errorf("%+v: room for %d bytes with %d in it", row, cap(b), len(b))
		}
	}
}
