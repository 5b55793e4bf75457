package privacy

import (
	"math"
	"strings"
	"unicode"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// leastBits is how many bits are drawn of a text that stands for another one at least, so that
// it is hardly one that is there.
const leastBits = 24

// standIns says few values that may not be said, and come again in many traces, each by another
// text of its form; false: they are not such. What it says depends on the order in which values
// come, and on no more of them than their form.
func (p *Policy) standIns(s *Spec, hidden []*sketch.Value, a *profile.Attribute, draws uint64) bool {
	var out []Value
	all, rare := uint64(0), uint64(0)
	for _, x := range hidden {
		n := weight(x, a, draws)
		if all += n; !p.Enough(x.Traces) {
			rare += n
			continue
		}
		text, ok := p.standIn(x)
		if !ok {
			return false
		}
		out = append(out, Value{text, n})
	}
	if len(out) == 0 || float64(rare) > float64(mostRare*float64(all)) {
		return false
	}
	for i := range s.Values {
		s.Values[i].Text = p.rename(s.Values[i].Text)
	}
	s.Values = append(s.Values, out...)
	s.Other, s.Reason, s.Stands = all-rare, "values that may not be said: others of their form", true
	return true
}

// Same reports whether each value is said in one way, wherever it is.
func (s *Spec) Same() bool {
	return (s.How == Constant || s.How == Categorical) && (s.Other == 0 || s.Stands)
}

// Said returns how a value is said of which the Spec of a key has the Same: as it is, or by what
// stands for it; false: neither may be.
func (p *Policy) Said(key string, x *sketch.Value) (string, bool) {
	if number := x.Kind == otlp.KindInt || x.Kind == otlp.KindDouble; number && p.hidesNumbers(key) {
		return p.otherNumber(x), !p.Denied(key) && p.Enough(x.Traces)
	} else if x.Kind != otlp.KindText && x.Kind != otlp.KindString {
		return x.Text, !p.Denied(key)
	}
	if text, ok := p.Value(key, x.Text, x.Traces); ok || p.Denied(key) || !p.Enough(x.Traces) || profile.FreeText(key) {
		return text, ok
	}
	return p.standIn(x)
}

// mostRare is the share of what is hidden that is left out for being in too few traces.
const mostRare = 0.03

// standsAt returns the number of a value for which another one stands: that which it has, or the next.
func (p *Policy) standsAt(x *sketch.Value) uint64 {
	if n, ok := p.stands[x.Hash()]; ok {
		return n
	}
	return uint64(len(p.stands))
}

// standIn returns what stands for a value, wherever that is; false: too little of it is drawn.
func (p *Policy) standIn(x *sketch.Value) (string, bool) {
	switch FormOf(x.Text) {
	case Email, IP, Host, Home, Token, Query:
		return "", false // what is drawn might be somebody's
	}
	list := pieces(x.Text)
	if len(list) > maxPieces || len(x.Text) >= sketch.MaxText {
		return "", false
	}
	var b strings.Builder
	n := p.standsAt(x)
	d := drawer{state: sketch.Mix(n + 1)}
	for _, part := range list {
		switch {
		case part.what == 'u':
			for _, r := range part.text {
				if r == '-' {
					b.WriteByte('-')
				} else {
					b.WriteByte(d.of(hexDigits))
				}
			}
		case part.what != 'w':
			b.WriteString(part.text)
		case p.public.Has(part.text) && strings.ContainsFunc(part.text, unicode.IsLetter):
			b.WriteString(p.rename(part.text))
		default:
			d.word(&b, part.text)
		}
	}
	if d.bits < leastBits || b.String() == x.Text {
		return "", false
	}
	p.stands[x.Hash()] = n
	return b.String(), true
}

const hexDigits = digits + "abcdef"

// drawer draws characters.
type drawer struct {
	state uint64
	bits  float64
}

func (d *drawer) of(letters string) byte {
	d.state = sketch.Mix(d.state + 0x9e3779b97f4a7c15)
	d.bits += math.Log2(float64(len(letters)))
	return letters[d.state%uint64(len(letters))]
}

// word writes a word of the same characters as another one: digits, letters, hex digits, or
// letters and digits where that has them.
func (d *drawer) word(b *strings.Builder, like string) {
	const letters = "abcdefghijklmnopqrstuvwxyz"
	hex := strings.Trim(like, hexDigits) == "" && strings.ContainsAny(like, digits) && strings.ContainsAny(like, letters)
	for _, r := range like {
		switch {
		case hex:
			b.WriteByte(d.of(hexDigits))
		case '0' <= r && r <= '9':
			b.WriteByte(d.of(digits))
		case unicode.IsUpper(r):
			b.WriteByte(d.of(strings.ToUpper(letters)))
		default:
			b.WriteByte(d.of(letters))
		}
	}
}
