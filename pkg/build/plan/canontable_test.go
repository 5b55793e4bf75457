package plan

import (
	"crypto/sha256"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/dist"
)

// A pool of a million values that each of thousands of spans has costs once, and the digest
// tells it from another one all the same.
func TestLongTablesAreHashedOnce(t *testing.T) {
	pool := func(zipf float64) *dist.Table {
		table, err := dist.Compile(dist.Spec{Kind: dist.Zipf, Value: 1_000_000, Alpha: zipf}, 1)
		if err != nil {
			t.Fatal(err)
		}
		return table
	}
	a, b := pool(0.5), pool(0.6)
	sumOf := func(last *dist.Table) (sum string, long int) {
		c := canon{h: sha256.New()}
		for range 20_000 {
			c.table(a)
		}
		c.table(last)
		long = c.long + len(c.b)
		return c.sum(), long
	}
	first, long := sumOf(a)
	if again, _ := sumOf(a); again != first {
		t.Errorf("%s and %s of the same", first, again)
	}
	if other, _ := sumOf(b); other == first {
		t.Error("the last table is another one, and the digest is the same")
	}
	if most := 2 * mostCanon; long > most {
		t.Errorf("%d bytes were written, want at most %d", long, most)
	}
}
