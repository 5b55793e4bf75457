package profile

import (
	"bytes"

	"github.com/cespare/xxhash/v2"

	"github.com/otelsim/otelsim/pkg/profile/intake"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// maxPart is the longest part that is told apart, in bytes.
const maxPart = 64

// hexWord is from how many hex digits on a word is an id even if none of them is decimal.
const hexWord = 6

// PartOf returns where the last part of a text begins, behind its last slash, and the form of
// it: words with a digit among them and those of 6 hex digits or more are #, UUIDs {uuid}, all
// else is as it is. The form is empty where no word is, or where there are spaces or more than
// 64 bytes.
func PartOf(text string) (at int, form string) {
	var room [maxPart]byte
	at, b := appendPart(room[:0], []byte(text))
	return at, string(b)
}

func appendPart(dst, text []byte) (at int, form []byte) {
	at = bytes.LastIndexByte(text, '/') + 1
	part := text[at:]
	if len(text) >= sketch.MaxText || len(part) > maxPart || bytes.ContainsAny(part, " {}") {
		return at, nil
	}
	ids := false
	for i := 0; i < len(part); {
		if n := uuid(part[i:]); n > 0 {
			dst, i, ids = append(dst, "{uuid}"...), i+n, true
			continue
		}
		end, some, hex := i, false, true
		for end < len(part) && alnum(part[end]) {
			some = some || digit(part[end])
			hex = hex && hexDigit(part[end])
			end++
		}
		switch {
		case end == i:
			dst, i = append(dst, part[i]), i+1
		case some, hex && end-i >= hexWord:
			dst, i, ids = append(dst, '#'), end, true
		default:
			dst, i = append(dst, part[i:end]...), end
		}
	}
	if !ids {
		return at, nil
	}
	return at, dst
}

// ofPart counts the last part of a text, the hash of which it is given, on a span. Of free text
// it is looked whether it is that of others, and no more.
func (b *Builder) ofPart(x *intake.Attribute, text uint64, free bool) {
	f := &b.formed[text%uint64(len(b.formed))]
	if f.text != text {
		f.of(x, text)
	}
	if f.form == 0 {
		return
	}
	k, open := b.parts.find(f.form)
	if k == nil && !open {
		return
	}
	if k == nil {
		_, form := PartOf(string(x.Text))
		k = b.parts.put(f.form, newKey(form, f.form))
	}
	k.Spans++
	if !free {
		k.Values.AddHash(f.part, x.Kind, x.Text[f.at:], 1, b.trace)
	}
	b.touch(k, f.part)
}

// formed is what was found out of a text lately, all but the first as hashes.
type formed struct {
	at   int // where its part begins
	text uint64
	form uint64 // 0: none
	part uint64
}

func (f *formed) of(x *intake.Attribute, text uint64) {
	var room [maxPart]byte
	at, form := appendPart(room[:0], x.Text)
	*f = formed{at: at, text: text}
	if len(form) > 0 {
		f.form, f.part = join(partSeed, xxhash.Sum64(form)), sketch.Hash(x.Kind, x.Text[at:])
	}
}

// partSeed keeps hashes of forms of parts apart from those of keys.
const partSeed = 0x70617274

// absorbParts adds those of another profile.
func (b *Builder) absorbParts(p *Profile) {
	for _, form := range sortedKeys(p.Parts) {
		h := join(partSeed, xxhash.Sum64String(form))
		k, room := b.parts.find(h)
		if k == nil && room {
			k = b.parts.put(h, newKey(form, h))
		}
		if k != nil {
			k.absorb(p.Parts[form])
		}
	}
}

func (k *key) absorb(o *Key) {
	k.Spans += o.Spans
	k.Traces += o.Traces
	k.Alike += o.Alike
	k.Values.Merge(o.Values)
}
