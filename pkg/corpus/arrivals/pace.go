package arrivals

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// Bounds of how a Model is paced.
const (
	MaxLate     = BlockIterations * Million // millionths of an iteration
	MaxLateness = 8                         // entries of Model.Late
	MaxTogether = BlockIterations
)

// Late is by how much some of what comes at a pace is later than that.
type Late struct {
	By     uint64 // uniform up to so many millionths of the mean distance of iterations
	Weight uint64 // in millionths, above 0
}

// paced reports whether iterations are due one after the other, and not by chance.
func (m *Model) paced() bool { return len(m.Late) > 0 }

// together is how many are due at once.
func (m *Model) together() uint64 { return max(m.Together, 1) }

func (m *Model) checkPace() error {
	if len(m.Late) > MaxLateness {
		return fmt.Errorf("late has %d entries: want at most %d", len(m.Late), MaxLateness)
	}
	for i, l := range m.Late {
		switch {
		case l.By > MaxLate:
			return fmt.Errorf("late is %s times the distance: want at most %s", Decimal(l.By), Decimal(MaxLate))
		case i > 0 && l.By <= m.Late[i-1].By:
			return fmt.Errorf("late has %s behind %s: want each once, the least first", Decimal(l.By), Decimal(m.Late[i-1].By))
		case l.Weight == 0 || l.Weight > MaxRate:
			return fmt.Errorf("late has the weight %s: want more than 0 and at most %s", Decimal(l.Weight), Decimal(MaxRate))
		}
	}
	if m.Together == 1 || m.Together > MaxTogether {
		return fmt.Errorf("together is %d: want 2 to %d", m.Together, MaxTogether)
	}
	return nil
}

// Draw puts the iterations of a block into it, in units and in order: by chance, or at the
// pace of the model, of which those that would be later than the end of the block are at its
// beginning. below draws numbers uniform below another.
func (c *Curve) Draw(at []uint64, below func(uint64) uint64) {
	for i := range at {
		switch behind := uint64(i) % c.together; {
		case len(c.late) > 0:
			due := (uint64(i)-behind)*unitsPerIteration + c.lateness(below)
			at[i] = due % BlockUnits
		case behind > 0:
			at[i] = at[i-1]
		default:
			at[i] = below(BlockUnits)
		}
	}
	slices.Sort(at)
}

// lateness draws by how many units an iteration is late.
func (c *Curve) lateness(below func(uint64) uint64) uint64 {
	i := 0
	if len(c.late) > 1 {
		for at := below(c.weights); at >= c.late[i].Weight; i++ {
			at -= c.late[i].Weight
		}
	}
	return below(c.late[i].By*(unitsPerIteration/Million) + 1)
}

// pace takes over how a model is paced.
func (c *Curve) pace(m *Model) {
	c.together, c.late = m.together(), m.Late
	for _, l := range c.late {
		c.weights += l.Weight
	}
}

// Together returns how many iterations are due at once.
func (c *Curve) Together() uint64 { return c.together }

// describePace writes what String says of the pace.
func (m *Model) describePace() string {
	var out strings.Builder
	if m.Together > 1 {
		fmt.Fprintf(&out, "; %d at once", m.Together)
	}
	if len(m.Late) == 1 {
		fmt.Fprintf(&out, "; up to %s times the distance late", Decimal(m.Late[0].By))
	}
	if len(m.Late) > 1 {
		total := uint64(0)
		for _, l := range m.Late {
			total += l.Weight
		}
		out.WriteString("; late by times the distance:")
		for i, l := range m.Late {
			sign := ","
			if i == 0 {
				sign = ""
			}
			q, _ := product(l.Weight, 1000).over(total)
			fmt.Fprintf(&out, "%s up to %s in %d.%d %%", sign, Decimal(l.By), q.lo/10, q.lo%10)
		}
	}
	return out.String()
}

// appendPace appends what of a model is about its pace, if anything is.
func (m *Model) appendPace(b []byte) []byte {
	if len(m.Late) == 0 && m.Together == 0 {
		return b
	}
	b = binary.AppendUvarint(b, m.Together)
	b = binary.AppendUvarint(b, uint64(len(m.Late)))
	for _, l := range m.Late {
		b = binary.AppendUvarint(b, l.By)
		b = binary.AppendUvarint(b, l.Weight)
	}
	return b
}
