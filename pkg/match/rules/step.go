package rules

import (
	"regexp"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/match/form"
)

// step is what one entry of attributes, resource or fields does to the items that its
// condition holds for: its operations, one after the other, as they are written.
type step struct {
	where  *condition
	ops    []op
	levels levelSet // whose fields the operations change
}

// measure notes which levels the step changes, when it has its operations.
func (s *step) measure() {
	for i := range s.ops {
		o := &s.ops[i]
		switch {
		case o.prefix == "":
			for _, k := range o.keys {
				o.levels |= 1 << levelOf(k.text)
			}
		case o.level == levelEvent:
			o.levels |= 1 << levelItem
		default:
			o.levels |= 1 << o.level
		}
		s.levels |= o.levels
	}
}

// op is one operation.
type op struct {
	kind   opKind
	rule   *Rule
	level  level
	prefix string // of attributes: "resource.attributes"; "" for fields, whose keys are paths
	keys   []key
	value  form.Value
	from   string         // key that a copy is of
	match  *regexp.Regexp // of mask: what of a value is replaced; nil: all of it
	with   string
	limit  int
	bytes  bool   // limit counts bytes, not characters
	hash   hasher // of hash, and of mask instead of with
	names  bool   // of summary: with the keys

	levels levelSet // whose fields it changes
	made   made     // by add, set and update
}

type opKind uint8

const (
	opAdd      opKind = iota // where it is not there
	opSet                    // there or not
	opUpdate                 // where it is there
	opAny                    // there, with any value
	opMaybe                  // there or not, with any value
	opCopy                   // of another
	opRename                 // from another
	opDelete                 //
	opKeepOnly               // delete all others
	opHash                   //
	opMask                   // a part of the value, or all of it
	opTruncate               //
	opSummary                // of what the step masked and did not keep
)

// key is a key of an attribute or the path of a field, or a glob of them.
type key struct {
	text string
	glob *regexp.Regexp // nil: text itself
	head string         // of a glob that is nothing but this and one * after it
	tail bool           // it is such a glob
}

func newKey(text string) key {
	k := key{text: text}
	if strings.ContainsAny(text, "*?") {
		k.glob = glob(text)
		k.head = head(text)
		k.tail = text == k.head+"*"
	}
	return k
}

// matches reports whether a text is the key, or one that the glob stands for.
func matches[T string | []byte](k *key, text T) bool {
	switch {
	case k.tail:
		return len(text) >= len(k.head) && string(text[:len(k.head)]) == k.head
	case k.glob == nil:
		return string(text) == k.text
	}
	if s, ok := any(text).(string); ok {
		return k.glob.MatchString(s)
	}
	return k.glob.Match([]byte(text))
}

// takes reports whether the operation is about a path or the key of an attribute.
func (o *op) takes(text string) bool {
	if o.prefix != "" {
		return takesKey(o, text)
	}
	return slices.ContainsFunc(o.keys, func(k key) bool {
		// A glob of fields does not reach from items into resources.
		return levelOf(text) == levelOf(k.text) && (matches(&k, text) || o.into(text, k.text))
	})
}

// takesKey is takes of an operation on attributes.
func takesKey[T string | []byte](o *op, text T) bool {
	for i := range o.keys {
		if matches(&o.keys[i], text) {
			return o.kind != opKeepOnly
		}
	}
	return o.kind == opKeepOnly
}

// whole reports whether hash or mask makes a text of all that a value is: of a list too,
// that it would leave alone if it looked for texts.
func (o *op) whole() bool { return o.kind == opHash || o.kind == opMask && o.match == nil }

// into reports whether a path leads into the field of another: body{x} into body.
func (o *op) into(path, field string) bool {
	rest, ok := strings.CutPrefix(path, field)
	return o.prefix == "" && ok && rest != "" && (rest[0] == '{' || rest[0] == '[')
}

// eventMark is where the path of an event's attribute goes on with the attribute.
const eventMark = "].attributes."

// key returns the key of an attribute that a path leads to or into, with the prefix
// that it stands under, or the path itself where operations are about fields.
func (o *op) key(path string) (prefix, key string, ok bool) {
	prefix = o.prefix
	switch {
	case prefix == "":
		return "", path, true
	case o.level == levelEvent:
		i := strings.Index(path, eventMark)
		if i < 0 || !strings.HasPrefix(path, "events[") {
			return "", "", false
		}
		prefix = path[:i+len(eventMark)-1]
	}
	key, ok = form.AttributeKey(prefix, path)
	return prefix, key, ok
}

// at returns the path of a key under a prefix.
func (o *op) at(prefix, key string) string {
	if o.prefix == "" {
		return key
	}
	return form.AttributePath(prefix, key)
}

// inside reports whether a path leads into the value of an attribute: what masks and cuts
// texts in the Collector leaves lists and maps alone.
func (o *op) inside(path string) bool {
	prefix, key, ok := o.key(path)
	return ok && o.prefix != "" && path != o.at(prefix, key)
}
