package dist

import (
	"math"
	"sync"
)

// strata are the equal parts of the range of words that Mean looks at; the last
// is halved towards the end, so that a long tail counts for little more than it is.
const strata = 1024

// Mean returns the mean of what Draw returns, or a little more: of each stratum
// of equally likely words it takes the greatest value.
func (t *Table) Mean() float64 {
	t.mean.once.Do(func() { t.mean.value = t.meanOf() })
	return t.mean.value
}

// mean is worked out when it is first asked for: many steps share a table.
type mean struct {
	once  sync.Once
	value float64
}

func (t *Table) meanOf() float64 {
	if t.shape == mixed {
		sum := 0.0
		for i, share := range t.choice.Shares() {
			if share > 0 {
				sum += float64(share * t.parts[i].Mean())
			}
		}
		return sum
	}
	const width = 1 << 64 / strata
	sum := 0.0
	for i := uint64(1); i < strata; i++ {
		sum += float64(t.at(i*width - 1))
	}
	rest, left := 1.0, uint64(width)
	for left > 1<<32 { // what is beyond is at most the greatest value, and next to nothing
		left /= 2
		rest /= 2
		sum += float64(rest * float64(t.at(math.MaxUint64-left)))
	}
	sum += float64(rest * float64(t.max))
	return sum / strata
}

// Float returns the probability as a number.
func (p Probability) Float() float64 {
	if p.always {
		return 1
	}
	return float64(p.below) / 0x1p64
}

// Shares returns how likely each item is, by index; the list ends with the last
// item that is picked at all.
func (c *Choice) Shares() []float64 {
	var out []float64
	before := 0.0
	for i, item := range c.items {
		for len(out) <= int(item) {
			out = append(out, 0)
		}
		end := float64(float64(c.last[i]) / 0x1p64) // a division by a power of two is a product
		out[item] = end - before
		before = end
	}
	return out
}
