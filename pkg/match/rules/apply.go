package rules

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// wanted is a field that is wanted of a copy, or that is not.
type wanted struct {
	path  string
	value form.Value
	sent  *form.Value // nil: it was not there
	state state
	rule  *Rule // that had the last word; nil: none
}

type state uint8

const (
	exact   state = iota
	present       // with any value
	gone          // it must not be there
	free          // there or not, with any value
)

// scheme is what rules make of one item.
type scheme struct {
	list []wanted
	open []*op  // whose keys may be there beside
	hit  []bool // by rule: it had something to do
	done []done // by this step, for a summary
}

// load fills the scheme with the fields of an item at some levels, as it was sent.
func (s *scheme) load(v *view, levels levelSet) {
	s.list, s.open = s.list[:0], s.open[:0]
	for _, l := range fieldLevels {
		if !levels.has(l) {
			continue
		}
		fields := v.at(l)
		for i := range fields {
			s.list = append(s.list, wanted{path: fields[i].Path, value: fields[i].Value, sent: &fields[i].Value})
		}
	}
}

// sorted puts the fields in the order in which they are compared.
func (s *scheme) sorted() {
	slices.SortStableFunc(s.list, func(a, b wanted) int { return strings.Compare(a.path, b.path) })
}

// apply does one operation.
func (s *scheme) apply(o *op) {
	switch o.kind {
	case opAdd, opSet, opUpdate, opAny:
		for _, prefix := range s.prefixes(o) {
			s.put(o, prefix)
		}
	case opMaybe:
		s.open = append(s.open, o)
		s.each(o, func(w *wanted) { w.state, w.rule = free, o.rule })
	case opCopy, opRename:
		for _, prefix := range s.prefixes(o) {
			s.move(o, prefix)
		}
	case opDelete, opKeepOnly:
		s.each(o, func(w *wanted) {
			w.state, w.rule = gone, o.rule
			s.note(o, w.path)
		})
	case opHash, opMask, opTruncate:
		s.collapse(o)
		s.each(o, func(w *wanted) { s.rewrite(o, w) })
	case opSummary:
		s.summarize(o)
	}
}

// collapse makes one field of a list or a map whose value becomes a text as a whole.
func (s *scheme) collapse(o *op) {
	if !o.whole() || o.prefix == "" {
		return
	}
	var whole []string
	s.each(o, func(w *wanted) {
		prefix, key, _ := o.key(w.path)
		if path := o.at(prefix, key); path != w.path {
			w.state, w.rule = gone, o.rule
			if !slices.Contains(whole, path) {
				whole = append(whole, path)
			}
		}
	})
	for _, path := range whole {
		s.add(wanted{path: path, value: form.Value{Kind: otlp.KindArray}, rule: o.rule})
	}
}

// each calls visit with every field there is that the operation takes, and notes that
// it had something to do.
func (s *scheme) each(o *op, visit func(*wanted)) {
	for i := range s.list {
		w := &s.list[i]
		if w.state == gone {
			continue
		}
		_, key, ok := o.key(w.path)
		if !ok || !o.takes(key) {
			continue
		}
		if o.kind != opTruncate && o.kind != opMask {
			s.hit[o.rule.id] = true
		}
		visit(w)
	}
}

// prefixes returns where attributes of the operation's level stand: in one place, or
// in each event.
func (s *scheme) prefixes(o *op) []string {
	if o.level != levelEvent {
		return []string{o.prefix}
	}
	var out []string
	for i := range s.list {
		event, _, ok := strings.Cut(s.list[i].path, "]")
		if ok && strings.HasPrefix(event, "events[") && !slices.Contains(out, event+"].attributes") {
			out = append(out, event+"].attributes")
		}
	}
	return out
}

// find returns the fields of one key that are there.
func (s *scheme) find(o *op, prefix, key string) (out []int) {
	for i := range s.list {
		if s.list[i].state == gone {
			continue
		}
		if p, k, ok := o.key(s.list[i].path); ok && p == prefix && (k == key || o.into(k, key)) {
			out = append(out, i)
		}
	}
	return out
}

// put gives a key the operation's value.
func (s *scheme) put(o *op, prefix string) {
	key := o.keys[0].text
	there := s.find(o, prefix, key)
	s.hit[o.rule.id] = true
	if o.kind == opAdd && len(there) > 0 || o.kind == opUpdate && len(there) == 0 {
		return
	}
	if o.kind == opAny && len(there) > 0 {
		for _, i := range there {
			s.list[i].state, s.list[i].rule = present, o.rule
		}
		return
	}
	for _, i := range there {
		s.list[i].state, s.list[i].rule = gone, o.rule
	}
	w := wanted{path: o.at(prefix, key), value: o.value, rule: o.rule}
	if o.kind == opAny {
		w.state = present
	}
	s.add(w)
}

// add adds a field, in the place of one that was there before.
func (s *scheme) add(w wanted) {
	for i := range s.list {
		if s.list[i].path == w.path {
			w.sent = s.list[i].sent
			s.list[i] = w
			return
		}
	}
	s.list = append(s.list, w)
}

// move gives one key what another has.
func (s *scheme) move(o *op, prefix string) {
	from := s.find(o, prefix, o.from)
	if len(from) == 0 {
		return
	}
	s.hit[o.rule.id] = true
	for _, i := range s.find(o, prefix, o.keys[0].text) {
		s.list[i].state, s.list[i].rule = gone, o.rule
	}
	head := len(o.at(prefix, o.from))
	for _, i := range from {
		w := s.list[i]
		if o.kind == opRename {
			s.list[i].state, s.list[i].rule = gone, o.rule
		}
		s.add(wanted{path: o.at(prefix, o.keys[0].text) + w.path[min(head, len(w.path)):], value: w.value, state: w.state, rule: o.rule})
	}
}

// rewrite changes the value of a field. One that is not known stays so.
func (s *scheme) rewrite(o *op, w *wanted) {
	if w.state != exact {
		return
	}
	if !o.whole() && o.inside(w.path) {
		return
	}
	after := o.rewritten(w.value)
	if after != w.value {
		w.value, w.rule = after, o.rule
		s.hit[o.rule.id] = true
		s.note(o, w.path)
	}
}

// rewritten returns what the operation makes of a value.
func (o *op) rewritten(v form.Value) form.Value {
	switch {
	case o.kind == opHash:
		return o.hash.of(v)
	case o.kind == opMask && o.match == nil:
		if o.hash != nil && isText(v.Kind) {
			return o.hash.of(v)
		}
		return form.Value{Kind: otlp.KindText, Text: o.with}
	case !isText(v.Kind):
	case o.kind == opMask && o.hash != nil:
		v.Text = o.match.ReplaceAllStringFunc(v.Text, o.hash.hex)
	case o.kind == opMask:
		v.Text = o.match.ReplaceAllString(v.Text, o.with)
	default:
		v.Text = cut(v.Text, o.limit, o.bytes)
	}
	return v
}

// cut returns the first characters of a text, or as many whole ones as fit so many
// bytes.
func cut(s string, limit int, bytes bool) string {
	if bytes {
		if len(s) <= limit {
			return s
		}
		for limit > 0 && !utf8.RuneStart(s[limit]) {
			limit--
		}
		return s[:limit]
	}
	for i := range s {
		if limit == 0 {
			return s[:i]
		}
		limit--
	}
	return s
}
