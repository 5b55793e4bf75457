package conform

import (
	"bytes"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// stop is why a model stopped, as far as rules speak of it.
type stop uint8

const (
	unsaid stop = iota
	stoppedForTools
	stoppedByError
	stoppedElse
)

// stopOf reads a reason. Providers and conventions have two words for tools.
func stopOf(word []byte) stop {
	switch string(word) {
	case "":
		return unsaid
	case "tool_call", "tool_calls":
		return stoppedForTools
	case "error":
		return stoppedByError
	}
	return stoppedElse
}

// reason returns reason n of a call of a model, from 0, and whether there is
// one.
func (r *recordState) reason(i, n int) ([]byte, bool) {
	a := r.attr(i, slotFinishes)
	if a == nil {
		if a = r.attr(i, slotFinish); n > 0 {
			return nil, false
		}
		return r.speech.bytesOf(r.t, a)
	}
	if a.Kind != otlp.KindArray {
		return nil, false
	}
	list := otlp.UnpackRange(a.Word)
	if n >= list.Len() {
		return nil, false
	}
	return r.speech.bytesOf(r.t, &r.t.Attrs[int(list.Start)+n])
}

// stopped is why a model stopped, by the first of its reasons.
func (r *recordState) stopped(i int) stop {
	word, _ := r.reason(i, 0)
	return stopOf(word)
}

// finish judges the reasons for which a model stopped: by how the span ended,
// and by what the model has said.
func (k *Checker) finish(i int) {
	r := &k.record
	x := &r.spans[i]
	n := 0
	for ; ; n++ {
		word, ok := r.reason(i, n)
		if !ok {
			break
		}
		switch why := stopOf(word); {
		case why == stoppedByError && !x.failed:
			k.fail(i, "finish-reason", "the model stopped with an error, and the span did not fail")
		case why != stoppedByError && x.failed:
			k.fail(i, "finish-reason", "the model stopped with %q, and the span failed", word)
		case !x.failed && n < x.out.len():
			k.finished(i, &r.speech.of(x.out)[n], word)
		}
	}
	if n > 0 && !x.failed && x.out.known && n != x.out.len() {
		k.fail(i, "finish-reason", "%d reasons for %d answers", n, x.out.len())
	}
}

// finished judges the reason for which an answer ended by what it holds.
func (k *Checker) finished(i int, m *message, word []byte) {
	asks := false
	for _, p := range k.record.speech.parts[m.first:m.last] {
		asks = asks || p.kind == partCall
	}
	switch {
	case asks != (stopOf(word) == stoppedForTools):
		k.fail(i, "finish-reason", "the model stopped with %q, and asked for tools: %t", word, asks)
	case m.finish != nil && !bytes.Equal(m.finish, word):
		k.fail(i, "finish-reason", "the model stopped with %q, and its message with %q", word, m.finish)
	}
}
