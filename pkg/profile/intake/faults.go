package intake

import "github.com/otelsim/otelsim/internal/text"

// fault is one of Faults, in words.
type fault struct {
	n                uint64
	noun, what, then string
}

const leftOut = ": left out"

func (f *Faults) each() []fault {
	return []fault{
		{f.Orphans, "span", "without the parent that they name", ": they begin trees of their own"},
		{f.Cycles, "span", "below themselves", ": they begin trees of their own"},
		{f.Duplicates, "span", "with the id of another of their trace", leftOut},
		{f.Skewed, "span", "that begin before their parent does", ""},
		{f.Backwards, "span", "that end before they begin", ": taken to last no time"},
		{f.NoIDs, "span", "without ids of the right length", leftOut},
		{f.Damaged, "item", "with a part that cannot be read", ": the part is left out"},
		{f.NoTimes, "span", "without a start", leftOut},
		{f.Huge, "trace", "with more spans than are looked at", ": the rest of each is left out"},
	}
}

// Said returns what was wrong with an input, in words.
func (f *Faults) Said() (lines []string) {
	for _, x := range f.each() {
		if x.n > 0 {
			lines = append(lines, text.Counted(x.n, x.noun)+" "+x.what+x.then)
		}
	}
	return lines
}

// LeftOut returns which spans were left out for what was wrong with them, in words.
func (f *Faults) LeftOut() (lines []string) {
	for _, x := range f.each() {
		if x.n > 0 && x.then == leftOut {
			lines = append(lines, text.Counted(x.n, x.noun)+" "+x.what)
		}
	}
	return lines
}
