package rules

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/match/form"
)

// shortcuts are what is known of the steps, bit 1<<i for each, before there are items:
// see Segment.quickly.
type shortcuts struct {
	none uint64 // only fields tell what they make of an item
	free uint64 // they allow items more than one thing
	at   [levelMetric + 1]uint64
	many bool // there are more steps than bits
}

const maxShortcuts = 64

// findShortcuts looks at steps, and prepares what their operations write.
func findShortcuts(steps []step) (c shortcuts) {
	if len(steps) > maxShortcuts {
		return shortcuts{many: true}
	}
	var free []*op // that came before
	for i := range steps {
		bit := uint64(1) << i
		for _, l := range fieldLevels {
			if steps[i].levels.has(l) {
				c.at[l] |= bit
			}
		}
		for j := range steps[i].ops {
			o := &steps[i].ops[j]
			if !o.levels.has(levelItem) {
				continue
			}
			// What is free stays so only where nothing comes after it.
			if !o.hasShortcut() || slices.ContainsFunc(free, func(f *op) bool { return f.overlaps(o) }) {
				c.none |= bit
			}
			if o.kind == opAny || o.kind == opMaybe {
				c.free |= bit
				free = append(free, o)
			}
		}
	}
	return c
}

// hasShortcut reports whether the operation can be done to an item without its fields.
func (o *op) hasShortcut() bool {
	switch o.kind {
	case opSummary:
		return false
	case opCopy, opRename:
		o.made.name = []byte(o.keys[0].text)
	}
	if o.prefix != "" {
		return o.kind != opAdd && o.kind != opSet && o.kind != opUpdate || o.prepare()
	}
	if o.kind == opSet {
		for m := form.Span; m <= form.SummaryPoint; m++ {
			f := &o.made.fields[m]
			f.sum, f.ok = form.FieldSum(m, o.keys[0].text, o.value)
		}
	}
	return !slices.ContainsFunc(o.keys, func(k key) bool {
		_, known := fieldNames[k.text]
		return !known || k.glob != nil || k.text == "value" || levelOf(k.text) != levelItem
	})
}

// made is what an operation writes.
type made struct {
	name      []byte // of a copy
	attribute form.KeyValue
	sum       uint64
	fields    [form.SummaryPoint + 1]fieldSum // by item, of fields
}

// fieldSum is a form.FieldSum.
type fieldSum struct {
	sum uint64
	ok  bool
}

// prepare makes the attribute that the operation writes.
func (o *op) prepare() bool {
	value, ok := form.AppendAnyValue(nil, o.value)
	if !ok {
		return false
	}
	_, o.made.attribute = form.NewKeyValue(nil, []byte(o.keys[0].text), value)
	var err error
	o.made.sum, err = form.AttributeSum(o.made.attribute.Raw)
	return err == nil
}

// overlaps reports whether an operation may be about a key that another one is about.
func (o *op) overlaps(other *op) bool {
	if o.prefix != other.prefix {
		return false
	}
	if other.kind == opKeepOnly {
		return true
	}
	keys := other.keys
	if other.from != "" {
		keys = append(slices.Clone(keys), key{text: other.from})
	}
	return slices.ContainsFunc(o.keys, func(a key) bool {
		return slices.ContainsFunc(keys, func(b key) bool { return mayMeet(a, b) })
	})
}

// mayMeet reports whether there may be a key that two keys or globs are about.
func mayMeet(a, b key) bool {
	if a.glob == nil {
		return matches(&b, a.text)
	}
	if b.glob == nil {
		return matches(&a, b.text)
	}
	x, y := head(a.text), head(b.text)
	return strings.HasPrefix(x, y) || strings.HasPrefix(y, x)
}

// head is what a glob begins with, before its first * or ?.
func head(glob string) string {
	if i := strings.IndexAny(glob, "*?"); i >= 0 {
		return glob[:i]
	}
	return glob
}
