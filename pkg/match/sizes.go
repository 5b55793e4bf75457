package match

import "github.com/otelsim/otelsim/pkg/corpus/otlp"

// joinBudget is how much memory the workers of the second pass may take together, as
// far as that can be told before, in bytes.
const joinBudget = 288 << 20

// itemBytes is about what an item takes beside its bytes.
const itemBytes = 192

// size is how much memory a side takes.
type size struct{ bytes, items uint64 }

func (s *size) atLeast(t size) { s.bytes, s.items = max(s.bytes, t.bytes), max(s.items, t.items) }

func (s size) total() uint64 { return s.bytes + itemBytes*s.items }

// sizes returns how large the segments are, at most, as they were sent and as they
// arrived and are loaded.
func (c *checker) sizes() (sent, got size) {
	for i := range c.places.segments {
		var of size
		for s, on := range c.signals {
			if e := c.Sent.Extent(i, otlp.Signal(s)); on {
				of.bytes, of.items = of.bytes+min(e.Bytes, mostReserved), of.items+min(e.Items, mostReserved/itemBytes)
			}
		}
		sent.atLeast(of)
		of = size{uint64(c.received.spill.Bytes(i)), c.received.spill.Items(i)}
		if of.bytes > uint64(c.lapsAtOnce) && (c.ledger != nil || c.received.laps > 1) {
			part := float64(c.lapsAtOnce) / float64(of.bytes) // see byLaps
			of = size{uint64(c.lapsAtOnce), uint64(float64(of.items) * part)}
		}
		got.atLeast(of)
	}
	return sent, got
}

// joiners returns how many workers the second pass has: fewer than asked for where
// segments are large.
func (c *checker) joiners() int {
	c.mostSent, c.mostGot = c.sizes()
	each := max(c.mostSent.total()+c.mostGot.total(), 1)
	return int(min(uint64(max(c.Workers, 1)), max(joinBudget/each, 1)))
}
