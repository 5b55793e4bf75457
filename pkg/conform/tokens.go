package conform

import (
	"math"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// tokens judges what a call of a model says of its tokens: parts are no larger
// than the whole.
func (k *Checker) tokens(i int) {
	r := &k.record
	input, ok := r.whole(i, slotInputTokens)
	read, _ := r.whole(i, slotCacheRead)
	written, _ := r.whole(i, slotCacheWrite)
	if ok && read >= 0 && written >= 0 && (read > input || written > input-read) {
		k.fail(i, "tokens-cached", "%d tokens were read from a cache and %d written to it, of %d", read, written, input)
	}
	k.atMost(i, slotReasoning, slotOutputTokens, "tokens-reasoning")
}

// grown judges that what a model is sent grows from one call of an agent to the
// next one, unless the beginning was put in short.
func (k *Checker) grown(p, m *move) {
	r := &k.record
	before, ok := r.whole(int(p.span), slotInputTokens)
	now, both := r.whole(int(m.span), slotInputTokens)
	x := &r.spans[m.span]
	switch {
	case !ok, !both, now >= before, r.flag(int(m.span), slotCompacted):
		return
	case r.word(int(p.span), slotModel) != r.word(int(m.span), slotModel):
		return // another model counts otherwise
	case x.in.known && r.speech.compaction(r.speech.of(x.in)) >= 0:
		return
	case !x.in.known && !x.rules.defined[slotCompacted]:
		return // nothing would say so
	}
	k.fail(int(m.span), "tokens-history", "%d tokens of input, and %d in the call before it", now, before)
}

// firstChunk judges when the first piece of a streamed answer came.
func (k *Checker) firstChunk(i int) {
	r := &k.record
	a := r.attr(i, slotFirstChunk)
	if a == nil || a.Kind != otlp.KindDouble {
		return
	}
	if r.has(i, slotStream) || r.has(i, slotStreaming) {
		if !r.flag(i, slotStream) && !r.flag(i, slotStreaming) {
			k.fail(i, "first-chunk", "the time to the first chunk of an answer that was not streamed")
			return
		}
	} else if !k.Lenient {
		k.fail(i, "first-chunk", "the time to the first chunk of an answer that does not say that it was streamed")
		return
	}
	s := &r.t.Spans[i]
	seconds := math.Float64frombits(a.Word)
	if s.Start > s.End || seconds >= 0 && seconds <= float64(s.End-s.Start)/1e9 {
		return
	}
	k.fail(i, "first-chunk", "the first chunk came after %v s, and the answer was there after %v s", seconds, float64(s.End-s.Start)/1e9)
}
