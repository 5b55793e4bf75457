package plan

import (
	"crypto/sha256"

	"github.com/otelsim/otelsim/pkg/build/dist"
)

// mostCanon is how many bytes are written of a scenario before tables are by their digests: a
// pool of a million values comes to megabytes, and each of thousands of spans may have it.
const mostCanon = 64 << 20

func (c *canon) table(t *dist.Table) {
	if t == nil {
		c.num(0)
		return
	}
	if c.long > mostCanon {
		c.num(2)
		sum := c.sumOf(t)
		c.b = append(c.b, sum[:]...)
		return
	}
	c.num(1)
	c.b = t.AppendCanonical(c.b)
	if c.h != nil && len(c.b) > canonBytes {
		c.h.Write(c.b)
		c.long += len(c.b)
		c.b = c.b[:0]
	}
}

// sumOf returns the digest of a table, which is worked out once however often it is used.
func (c *canon) sumOf(t *dist.Table) [sha256.Size]byte {
	sum, ok := c.sums[t]
	if !ok {
		if c.sums == nil {
			c.sums = make(map[*dist.Table][sha256.Size]byte)
		}
		sum = sha256.Sum256(t.AppendCanonical(nil))
		c.sums[t] = sum
	}
	return sum
}
