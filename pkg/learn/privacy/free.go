package privacy

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

const (
	maxNeutral = 900   // bytes of text that takes the place of other text
	maxNumber  = 18278 // a number of up to three letters
	maxHead    = 100   // bytes of text that is filled up
	fewTexts   = 50    // different ones of which each has one in its place; more are a pattern

	mostOfTexts = 0.95 // how many may not be longer than text that takes the place of other text
)

// MaxLength is to how many bytes scenarios fill up texts.
const MaxLength = 1 << 16

// free puts other text of their length in the place of texts.
func (p *Policy) free(s *Spec, a *profile.Attribute, draws uint64) {
	s.Reason = "free text: other text of its length"
	kept := a.Values.Kept()
	length := int(a.Lengths.Quantile(0.5))
	if a.Lengths.Count() == 0 && len(kept) > 0 {
		length = len(kept[0].Text)
	}
	if !a.Values.All() || len(kept) > fewTexts || a.Lengths.Quantile(mostOfTexts) > maxNeutral { // which are filled up
		const random = " {hex:8}"
		if at, lengths := Quantiles(a.Lengths); len(at) > 0 && (lengths[0] < lengths[len(lengths)-1] || length > maxNeutral) {
			for i := range lengths {
				lengths[i] = min(lengths[i], MaxLength)
			}
			s.At, s.Quantiles = thin(at, lengths, a.Lengths.Count())
			s.Reason = "free text: other text of the same lengths"
			length = min(int(lengths[0]), maxHead)
		}
		s.How, s.Text = Pattern, "{word:"+strconv.Itoa(max(length, 6))+"}"
		if length >= 12 {
			s.Text = p.neutral(length-len(" 12345678"), least(kept)) + random
		}
		s.Pool, s.Zipf = fit(a, draws)
		s.Pool = roomy(s, s.Pool)
		return
	}
	weights := make(map[string]uint64)
	var order []string
	for _, x := range kept {
		n := len(x.Text)
		if n >= sketch.MaxText {
			n = max(n, length)
		}
		text := p.neutral(n, x.Hash())
		if weights[text] == 0 {
			order = append(order, text)
		}
		weights[text] += max(1, weight(x, a, draws))
	}
	for _, text := range order {
		s.Values = append(s.Values, Value{text, weights[text]})
		s.Other += weights[text]
	}
	s.settle()
}

// least returns the least hash of values: that of most samples of the same ones is the same.
func least(values []*sketch.Value) uint64 {
	low := uint64(math.MaxUint64)
	for _, x := range values {
		low = min(low, x.Hash())
	}
	return low
}

// neutral returns text of so many bytes for that of a hash: the same one wherever that is,
// and another one for each of the same length.
func (p *Policy) neutral(length int, hash uint64) string {
	of := p.neutrals[length]
	if of == nil {
		of = make(map[uint64]int)
		p.neutrals[length] = of
	}
	n, ok := of[hash]
	if !ok {
		n = len(of)
		of[hash] = n
	}
	return Neutral(length, n%maxNumber)
}

// Neutral returns text of so many bytes, 900 at most, that tells of nothing; numbers up to
// maxNumber make different ones where there is room. Its words are short, so that they are not
// what a capture is searched for, and without digits, so that no form is seen in it.
func Neutral(length, number int) string {
	length = max(min(length, maxNeutral), 1)
	var b strings.Builder
	if number > 0 {
		b.WriteString(lettered(number))
		b.WriteByte(' ')
	}
	for i := 0; b.Len() < length; i++ {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(neutral[i%len(neutral)])
	}
	out := b.String()[:length]
	if cut, ok := strings.CutSuffix(out, " "); ok {
		out = cut + "."
	}
	return out
}

var neutral = strings.Fields("some text of the same size as it was but not what it said and so on with more of it till the end")

// lettered writes a number from 1 on as a, b, to z, aa, and so on.
func lettered(number int) string {
	var b []byte
	for ; number > 0; number = (number - 1) / 26 {
		b = append(b, byte('a'+(number-1)%26))
	}
	slices.Reverse(b)
	return string(b)
}

// standsIn reports whether a text is one that a Policy puts in the place of others: what
// was made of a learnt scenario can be learnt from in turn.
func standsIn(text string) bool {
	if number, ok := strings.CutPrefix(text, other); ok && number != "" {
		return strings.Trim(number, "0123456789") == ""
	}
	text = strings.TrimSuffix(text, ".")
	if same(text) {
		return true
	}
	number, rest, ok := strings.Cut(text, " ")
	return ok && len(number) <= 3 && strings.Trim(number, "abcdefghijklmnopqrstuvwxyz") == "" && same(rest)
}

// same reports whether a text is what neutral ones begin with.
func same(text string) bool {
	return len(text) > len("some ") && strings.HasPrefix(Neutral(len(text)+1, 0), text)
}

// other is what values are called that are not said, with a number.
const other = "other-"
