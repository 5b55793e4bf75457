package profile

import (
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile/intake"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// key is a Key while it is counted.
type key struct {
	Key
	lastTrace
	name  string
	names role
	free  bool   // see FreeText
	spans uint64 // of the trace that had it last
}

// lastTrace is which value something has in the trace that had it last.
type lastTrace struct {
	hash  uint64 // of what it is that has one
	trace uint64
	value uint64 // hash
	mixed bool   // and others
}

// meet takes a value in a trace, and reports whether it is the first there.
func (x *lastTrace) meet(trace, value uint64) bool {
	if x.trace == trace {
		x.mixed = x.mixed || x.value != value
		return false
	}
	x.trace, x.value, x.mixed = trace, value, false
	return true
}

// one returns the value with what has it; 0: there are several.
func (x *lastTrace) one() keyValue {
	if x.mixed {
		return keyValue{x.hash, 0}
	}
	return keyValue{x.hash, x.value}
}

func newKey(name string, h uint64) *key {
	return &key{name: name, lastTrace: lastTrace{hash: h}, Key: Key{Values: newValues(keyLimit)}}
}

// role is what keys are that say to which session a trace belongs.
type role uint8

const (
	plain role = iota
	namesSession
	namesConversation
)

func roleOf(name string) role {
	switch name {
	case "session.id":
		return namesSession
	case "gen_ai.conversation.id":
		return namesConversation
	}
	return plain
}

// key returns a key; where there is no room, one that nothing comes of.
func (b *Builder) key(name string, h uint64) *key {
	k, room := b.keys.find(h)
	if k != nil {
		return k
	}
	k = newKey(name, h)
	k.names, k.free = roleOf(name), FreeText(name)
	if room {
		b.keys.put(h, k)
	}
	b.touched.twice = b.touched.twice || !room
	return k
}

// valueHash returns what Values know the value of an attribute by.
func valueHash(x *intake.Attribute) uint64 {
	switch x.Kind {
	case otlp.KindInt, otlp.KindDouble, otlp.KindBool:
		return sketch.HashWord(x.Kind, x.Word)
	}
	return sketch.Hash(x.Kind, x.Text)
}

// ofKey counts a value of a key on a span.
func (b *Builder) ofKey(k *key, x *intake.Attribute, value uint64) {
	k.Spans++
	switch x.Kind {
	case otlp.KindInt, otlp.KindDouble, otlp.KindBool:
		k.Values.AddWord(x.Kind, x.Word, 1, b.trace)
	default:
		k.Values.AddHash(value, x.Kind, x.Text, 1, b.trace)
	}
	if x.Kind == otlp.KindText {
		b.ofPart(x, value, k.free)
	}
	if !b.touch(k, value) {
		return
	}
	if k.names != plain && len(x.Text) > 0 && (b.touched.session == 0 || k.names == namesSession && !b.touched.byName) {
		b.touched.session, b.touched.byName = max(value, 1), k.names == namesSession
	}
}

// touch counts a value of a key in the trace under way, and reports whether it is the first.
func (b *Builder) touch(k *key, value uint64) bool {
	if !k.meet(b.trace, value) {
		k.spans++
		return false
	}
	k.spans = 1
	b.touched.keys = append(b.touched.keys, k)
	return true
}
