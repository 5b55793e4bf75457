package privacy

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

const (
	maxLook    = 64  // bytes: what is longer looks like text
	freeFields = 3   // words with spaces between them: what has more or as many looks like text
	maxNeutral = 900 // bytes of text that takes the place of other text
	fewTexts   = 50  // different ones of which each has one in its place; more are a pattern
)

// looksLikeText reports whether a value looks like something that was written in words.
func looksLikeText(s string) bool {
	return len(s) > maxLook || len(strings.Fields(s)) >= freeFields
}

// looksFree reports whether more than half of the values look like text.
func looksFree(a *profile.Attribute) bool {
	var free, all uint64
	for _, x := range a.Values.Kept() {
		if all += x.Count; looksLikeText(x.Text) {
			free += x.Count
		}
	}
	return free > all/2
}

// free puts other text of their length in the place of texts.
func (p *Policy) free(s *Spec, a *profile.Attribute, draws uint64) {
	s.Reason = "free text: other text of its length"
	kept := a.Values.Kept()
	length := int(a.Lengths.Quantile(0.5))
	if a.Lengths.Count() == 0 && len(kept) > 0 {
		length = len(kept[0].Text)
	}
	if !a.Values.All() || len(kept) > fewTexts {
		const random = " {hex:8}"
		s.How, s.Text = Pattern, "{word:"+strconv.Itoa(max(length, 6))+"}"
		if length >= 12 {
			s.Text = Neutral(length-len(" 12345678"), 0) + random
		}
		s.Pool, s.Zipf = fit(a, draws)
		s.Pool = roomy(s, s.Pool)
		return
	}
	weights := make(map[string]uint64)
	var order []string
	for i, x := range kept {
		n := len(x.Text)
		if n >= sketch.MaxText {
			n = max(n, length)
		}
		text := Neutral(n, i)
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

// Neutral returns text of so many bytes, 900 at most, that tells of nothing; numbers make
// different ones. Its words are short, so that they are not what a capture is searched for.
func Neutral(length, number int) string {
	length = min(length, maxNeutral)
	var b strings.Builder
	if number > 0 {
		b.WriteString(strconv.Itoa(number))
		b.WriteByte(' ')
	}
	for i := 0; b.Len() < length; i++ {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(neutral[i%len(neutral)])
	}
	out := b.String()[:max(length, 0)]
	return cmp.Or(strings.TrimSuffix(out, " "), "-")
}

var neutral = strings.Fields("some text of the same size as it was but not what it said and so on with more of it till the end")

// standsIn reports whether a text is one that a Policy puts in the place of others: what
// was made of a learnt scenario can be learnt from in turn.
func standsIn(text string) bool {
	if number, ok := strings.CutPrefix(text, other); ok && number != "" {
		return strings.Trim(number, "0123456789") == ""
	}
	if number, rest, ok := strings.Cut(text, " "); ok && len(number) <= 3 && strings.Trim(number, "0123456789") == "" {
		text = rest
	}
	return len(text) > len("some ") && strings.HasPrefix(Neutral(len(text)+1, 0), text)
}

// other is what values are called that are not said, with a number.
const other = "other-"
