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
			sum := uint64(0)
			for i := range seg.Blocks {
				sum += uint64(len(seg.Blocks[i].Data))
			}
			size = max(size, sum)
		}
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > 2*size {
			t.Errorf("%v: segments of up to %d bytes take %d", format, size, got)
		}
	}
}

// What the first sessions say of a segment is not all believed.
func TestRoomIsBounded(t *testing.T) {
	for _, row := range []struct{ filled, room, least, most int }{
		{0, 0, 0, 0},
		{100_000, 100_000, 1_200_000, 1_300_000},
		{100_000, 800_000, 800_000, 800_000},
		{20_000_000, 20_000_000, segmentBytes * 3 / 2, segmentBytes * 8 / 5},
		{segmentBytes + 1, segmentBytes + 1, segmentBytes + 1, segmentBytes + 1},
	} {
		block := otlp.Block{Data: make([]byte, row.filled, row.room)}
		makeRoom(&block, 8)
		if b := block.Data; len(b) != row.filled || cap(b) < row.least || cap(b) > row.most {
			t.Errorf("%+v: room for %d bytes with %d in it", row, cap(b), len(b))
		}
	}
}
