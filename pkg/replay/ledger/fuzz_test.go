package ledger

import (
	"bytes"
	"testing"
)

// FuzzParse holds that a line has one spelling, and that nothing else is one.
func FuzzParse(f *testing.F) {
	for _, e := range entries(20) {
		f.Add(bytes.TrimSuffix(e.appendLine(nil), []byte("\n")))
	}
	f.Add([]byte("0 1 2 metrics 4 accepted 0 0 5 5 0"))
	f.Fuzz(func(t *testing.T, line []byte) {
		var e Entry
		if err := e.parse(line); err != nil {
			return
		}
		if got := e.appendLine(nil); string(got) != string(line)+"\n" {
			t.Errorf("%q was read, which is written %q", line, got)
		}
		if n := len(line); n >= lineMost {
			t.Errorf("a line of %d bytes", n)
		}
	})
}

// FuzzReader holds that bytes are read or told, whatever they are, and that what
// is read to the end adds up.
func FuzzReader(f *testing.F) {
	whole := written(f, entries(30), Complete)
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add(file(f, lines(f, whole)[:3]))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, foot, all, err := read(data)
		if err != nil {
			return
		}
		var records, items Totals
		for i := range all {
			all[i].add(&records, &items)
		}
		if records != foot.Records || items != foot.Items {
			t.Errorf("got %+v and %+v, the last line says %+v", records, items, foot)
		}
	})
}
