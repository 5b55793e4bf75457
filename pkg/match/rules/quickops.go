package rules

import (
	"encoding/hex"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// apply does an operation as scheme.apply does; false where only fields tell.
func (q *quick) apply(o *op, m form.Message) bool {
	if o.level == levelEvent && o.prefix != "" {
		return !q.scan.There("events")
	}
	if o.prefix == "" {
		return q.fields(o, m)
	}
	switch o.kind {
	case opAdd, opSet, opUpdate:
		return q.put(o)
	case opCopy, opRename:
		return q.move(o)
	case opDelete, opKeepOnly, opMaybe, opAny:
		if o.kind == opAny {
			q.hit[o.rule.id] = true
		}
		_, ok := q.release(o, m)
		return ok
	}
	for i := range q.scan.Attributes {
		if a := &q.scan.Attributes[i]; a.Raw != nil && takesKey(o, a.Key) && !q.rewrite(o, i) {
			return false
		}
	}
	return true
}

// take takes the attribute at a place away.
func (q *quick) take(i int) bool {
	a := &q.scan.Attributes[i]
	h, err := form.AttributeSum(a.Raw)
	q.sum.Take(h)
	a.Raw = nil
	return err == nil
}

// write puts an attribute in, its value as it stands elsewhere.
func (q *quick) write(key, value []byte) (a form.KeyValue, ok bool) {
	q.bytes, a = form.NewKeyValue(q.bytes, key, value)
	h, err := form.AttributeSum(a.Raw)
	q.sum.Put(h)
	return a, err == nil
}

// is reports whether there is an attribute with a key at a place.
func (q *quick) is(i int, key string) bool {
	a := &q.scan.Attributes[i]
	return a.Raw != nil && string(a.Key) == key
}

func (q *quick) put(o *op) bool {
	key, there := o.keys[0].text, false
	for i := range q.scan.Attributes {
		there = there || q.is(i, key)
	}
	q.hit[o.rule.id] = true
	if o.kind == opAdd && there || o.kind == opUpdate && !there {
		return true
	}
	if !q.clear(key) {
		return false
	}
	q.sum.Put(o.made.sum)
	q.scan.Attributes = append(q.scan.Attributes, o.made.attribute)
	return true
}

// clear takes all attributes with a key away.
func (q *quick) clear(key string) bool {
	for i := range q.scan.Attributes {
		if q.is(i, key) && !q.take(i) {
			return false
		}
	}
	return true
}

func (q *quick) move(o *op) bool {
	from, ok := q.scan.Find(o.from)
	if !ok || from < 0 {
		return ok
	}
	q.hit[o.rule.id] = true
	to := o.keys[0].text
	if !q.clear(to) {
		return false
	}
	a, ok := q.write(o.made.name, q.scan.Attributes[from].Value)
	if ok && o.kind == opRename {
		ok = q.take(from)
	}
	q.scan.Attributes = append(q.scan.Attributes, a)
	return ok
}

// release takes away what must not be there, or may be there or not or with any value,
// and reports whether it was. Where it has to be there, only one that has no parts will
// do.
func (q *quick) release(o *op, m form.Message) (there, ok bool) {
	if o.prefix == "" {
		return q.releaseFields(o, m)
	}
	for i := range q.scan.Attributes {
		a := &q.scan.Attributes[i]
		if a.Raw == nil || !takesKey(o, a.Key) {
			continue
		}
		if o.kind == opAny {
			if _, _, scalar := a.Append(q.text[:0]); !scalar || there {
				return there, false
			}
		}
		there, q.hit[o.rule.id] = true, true
		if !q.take(i) {
			return there, false
		}
	}
	return there, true
}

// rewrite changes the value of the attribute at a place.
func (q *quick) rewrite(o *op, i int) bool {
	a := &q.scan.Attributes[i]
	text, isString := a.Text()
	partial := !o.whole()
	if partial && !isString {
		return len(a.Value) == 0 || a.List() || q.scalar(a)
	}
	if partial && (o.kind == opMask && !o.match.Match(text) || o.kind == opTruncate && len(text) <= o.limit) {
		return true
	}
	var kind otlp.Kind
	var ok bool
	if q.text, kind, ok = a.Append(q.text[:0]); !ok {
		return false
	}
	for j := range q.scan.Attributes {
		if other := &q.scan.Attributes[j]; j != i && other.Raw != nil && string(other.Key) == string(a.Key) {
			return false // their order may become another
		}
	}
	if isString && o.kind == opHash {
		return q.digest(o, i)
	}
	before := form.Value{Kind: kind, Text: string(q.text)}
	after := o.rewritten(before)
	if after == before {
		return true
	}
	q.hit[o.rule.id] = true
	if q.text, ok = form.AppendAnyValue(q.text[:0], after); !ok {
		return false
	}
	return q.replace(i, q.text)
}

// digest puts the hash of the text at hand in the place of an attribute.
func (q *quick) digest(o *op, i int) bool {
	q.hit[o.rule.id] = true
	q.hash = o.hash(q.hash[:0], q.text)
	q.text = hex.AppendEncode(q.text[:0], q.hash)
	q.hash = form.AppendText(q.hash[:0], q.text)
	return q.replace(i, q.hash)
}

// replace gives the attribute at a place another value.
func (q *quick) replace(i int, value []byte) (ok bool) {
	key := q.scan.Attributes[i].Key
	if !q.take(i) {
		return false
	}
	q.scan.Attributes[i], ok = q.write(key, value)
	return ok
}

func (q *quick) scalar(a *form.KeyValue) (ok bool) {
	q.text, _, ok = a.Append(q.text[:0])
	return ok
}

// fields does an operation on fields.
func (q *quick) fields(o *op, m form.Message) bool {
	switch o.kind {
	case opDelete, opMaybe, opAny:
		if o.kind == opAny {
			q.hit[o.rule.id] = true
			if !form.Has(m, o.keys[0].text) {
				return false
			}
		}
		_, ok := q.releaseFields(o, m)
		return ok
	case opMask:
		return q.maskFields(o, m)
	case opSet:
		h, ok := o.field(m)
		q.hit[o.rule.id] = true
		return ok && q.edit(o.keys[0].text, h)
	}
	return false
}

// field returns what the operation's field adds to the sum.
func (o *op) field(m form.Message) (uint64, bool) {
	f := &o.made.fields[m]
	return f.sum, f.ok
}

// edited returns what has become of a field, nil where nothing has.
func (q *quick) edited(name string) *edit {
	for i := range q.edits {
		if q.edits[i].name == name {
			return &q.edits[i]
		}
	}
	return nil
}

// edit gives a field another sum.
func (q *quick) edit(name string, sum uint64) bool {
	if e := q.edited(name); e != nil {
		q.sum.TakeField(e.sum)
		q.sum.PutField(sum)
		e.sum = sum
		return true
	}
	h, _, ok := q.scan.FieldSum(name)
	q.sum.TakeField(h)
	q.sum.PutField(sum)
	q.edits = append(q.edits, edit{name, sum})
	return ok
}

// releaseFields takes fields away and reports whether there were any.
func (q *quick) releaseFields(o *op, m form.Message) (there, ok bool) {
	for i := range o.keys {
		name := o.keys[i].text
		if !form.Has(m, name) {
			continue
		}
		now, ok := q.now(name)
		if !ok {
			return there, false
		}
		if now {
			there, q.hit[o.rule.id] = true, true
		}
		if !q.edit(name, 0) {
			return there, false
		}
	}
	return there, true
}

// now reports whether a field is there.
func (q *quick) now(name string) (there, ok bool) {
	if e := q.edited(name); e != nil {
		return e.sum != 0, true
	}
	_, there, ok = q.scan.FieldSum(name)
	return there, ok
}

// maskFields masks the texts of fields.
func (q *quick) maskFields(o *op, m form.Message) bool {
	for i := range o.keys {
		name := o.keys[i].text
		if !form.Has(m, name) {
			continue
		}
		if o.match == nil {
			return false
		}
		var kind otlp.Kind
		var there, ok bool
		if q.text, kind, there, ok = q.scan.Append(q.text[:0], name); !ok {
			return false
		}
		if q.edited(name) != nil {
			return false
		}
		if !there || !isText(kind) || !o.match.Match(q.text) {
			continue
		}
		before := form.Value{Kind: kind, Text: string(q.text)}
		after := o.rewritten(before)
		if after == before {
			continue
		}
		h, ok := form.FieldSum(m, name, after)
		if !ok || !q.edit(name, h) {
			return false
		}
		q.hit[o.rule.id] = true
	}
	return true
}
