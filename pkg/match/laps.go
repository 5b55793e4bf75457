package match

import "github.com/otelsim/otelsim/pkg/corpus/ids"

// words are what the ids of a lap are XORed with.
type words struct{ trace, span uint64 }

func wordsOf(seed uint64, lap uint32) (w words) {
	w.trace, w.span = ids.LapKeys(seed, uint64(lap))
	return w
}

// lapTable finds the lap whose word a trace id was XORed with.
type lapTable struct {
	list  []uint32 // the laps, in their order
	table table
}

// set makes it the table of the laps in list.
func (t *lapTable) set(seed uint64) {
	t.table.reset(len(t.list))
	for _, lap := range t.list {
		t.table.add(wordsOf(seed, lap).trace, lap)
	}
}

// of returns the lap of what a trace id differs by from that of the corpus.
func (t *lapTable) of(word uint64) (lap uint32, ok bool) {
	return t.table.first(word)
}
