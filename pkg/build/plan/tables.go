package plan

import (
	"fmt"

	"github.com/otelsim/otelsim/pkg/build/dist"
)

// tableKey is what decides a table: the distribution as it is printed, since
// one with components has no order of its own, its unit and its floor.
type tableKey struct {
	spec  string
	scale float64
	least int64
}

// table is dist.CompileAtLeast that remembers: most steps of most scenarios
// last as long as the config says, and a table takes thousands of exponentials.
// Tables are immutable, so those who ask may share one.
func (c *compiler) table(s dist.Spec, scale float64, least int64) (*dist.Table, error) {
	key := tableKey{fmt.Sprintf("%+v", s), scale, least}
	if t, ok := c.tables[key]; ok {
		return t, nil
	}
	t, err := dist.CompileAtLeast(s, scale, least)
	if err != nil {
		return nil, err
	}
	c.tables[key] = t
	return t, nil
}
