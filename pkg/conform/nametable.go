package conform

import (
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// nameTable numbers the names of attributes, whatever table of strings they are of.
type nameTable struct {
	table  *otlp.Strings
	known  []uint32 // by StringID of table: one more than the number; 0: not looked up
	byName map[string]uint32
	list   []knownName
}

// knownName is what is known of a name.
type knownName struct {
	name       string
	finding    bool // what a finding of a validation says
	evaluation bool // what an evaluation says of its own
}

// begin prepares for the names of a table.
func (n *nameTable) begin(strs *otlp.Strings) {
	if strs != n.table {
		n.table, n.known = strs, n.known[:0]
	}
	for len(n.known) < strs.Len() {
		n.known = append(n.known, 0)
	}
}

// of returns the number of a name of the table.
func (n *nameTable) of(id otlp.StringID) uint32 {
	if k := n.known[id]; k > 0 {
		return k - 1
	}
	k := n.number(n.table.String(id))
	n.known[id] = k + 1
	return k
}

// number returns the number of a name.
func (n *nameTable) number(name string) uint32 {
	if k, ok := n.byName[name]; ok {
		return k
	}
	if n.byName == nil {
		n.byName = make(map[string]uint32)
	}
	k := uint32(len(n.list))
	_, own := evaluationTypes[name]
	n.list = append(n.list, knownName{name, strings.Contains(name, ".validation.error."), own})
	n.byName[name] = k
	return k
}

// forget drops all names but the first ones.
func (n *nameTable) forget(but int) {
	for _, x := range n.list[but:] {
		delete(n.byName, x.name)
	}
	n.list, n.table = n.list[:but], nil
}
