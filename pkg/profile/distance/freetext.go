package distance

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// Free text is compared by anything but its words, since an imitation must not have those:
// which texts there are, told apart by their length and by how frequent they are among those
// of that length, and how long they are. Of many texts it is how often they come again. What
// is free text is decided for each key by both sides together, and alike for the baseline: by
// the key, or where most of what one of them has looks like it.

const (
	// fewTexts is up to how many texts each is compared.
	fewTexts = 50
	// longBody is from how many bytes on bodies of log records are long, whatever their
	// length: they are cut in profiles.
	longBody = 380
)

// isFree reports whether values of one side are free text.
func isFree(key string, a *profile.Attribute) bool {
	return a.Lengths.Count() > 0 && (profile.FreeText(key) || profile.MostLookFree(a.Values))
}

// byText compares free text: the greatest of what differs.
func byText(what string, x, y *profile.Attribute, sizes bool) part {
	p := part{what: what, a: float64(x.Present), b: float64(y.Present)}
	if x.Lengths.Count() == 0 || y.Lengths.Count() == 0 {
		p.value = 1 // one side has no text
		return p
	}
	most := byKS("", x.Lengths, y.Lengths)
	a, b := x.Values, y.Values
	switch {
	case isFew(a) && isFew(b):
		most = farther(most, byCounts("", textsOf(a), textsOf(b)))
	case sizes:
		most.chance = float64(ksBound * spread(float64(a.Distinct()), float64(b.Distinct()))) // a text has one length, however often it is there
		most = farther(most, byKS("", timesOf(a.Kept()), timesOf(b.Kept())))
	}
	p.value, p.chance = most.value, most.chance
	return p
}

func isFew(v *sketch.Values) bool { return v.All() && v.Distinct() <= fewTexts }

// textsOf returns how often each text is there, by a name without its words.
func textsOf(v *sketch.Values) map[string]uint64 {
	var texts []written
	for _, x := range v.Kept() {
		texts = append(texts, written{length: len(x.Text), n: x.Count})
	}
	return ranked(texts)
}

// written is a text of which nothing is told but where it stands, how long it is, and how often it
// is there.
type written struct {
	of     string
	length int
	n      uint64
}

// ranked names texts by their length and by how frequent they are among those of the same.
func ranked(texts []written) map[string]uint64 {
	slices.SortFunc(texts, func(a, b written) int {
		return cmp.Or(cmp.Compare(a.of, b.of), cmp.Compare(a.length, b.length), cmp.Compare(b.n, a.n))
	})
	all := make(map[string]uint64)
	rank := 0
	for i, t := range texts {
		if rank++; i == 0 || t.of != texts[i-1].of || t.length != texts[i-1].length {
			rank = 1
		}
		name := fmt.Sprintf("text of %d bytes", t.length)
		if rank > 1 {
			name += fmt.Sprintf(" #%d", rank)
		}
		if t.of != "" {
			name = t.of + ", " + name
		}
		all[name] += t.n
	}
	return all
}
