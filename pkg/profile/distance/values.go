package distance

import (
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// How values are compared is decided for each key by both sides together, and alike for the
// baseline:
//
// By value, where both sides keep all values, there are no more than maxCategories, and most
// of what is there comes again in other traces and does not look like an id.
//
// Else by form: what kinds of characters follow each other (form), how long the texts are,
// and how often values come again, since an imitation has other ids: of few values, which
// part of all the most frequent has, and so on. Of numbers that are not by value their
// distribution tells, and nothing else. Instances of a service are compared by
// how much of all each of them has.
const (
	maxCategories = 100
	// manyNumbered is from how many values on those with digits in them are taken for ids.
	manyNumbered = 20
	// again is in how many traces a value is that comes again.
	again = 3
	// comparable is how much more traces one side may have than the other for the numbers of
	// times that values come again to be compared.
	comparable = 1.5
)

// categorical reports whether values of one side can be compared by what they are.
func categorical(v *sketch.Values) bool {
	if v.Count() == 0 {
		return true // nothing speaks against it
	}
	if !few(v) {
		return false
	}
	var like uint64
	many := v.Distinct() >= manyNumbered
	for _, x := range v.Kept() {
		if !isNumber(x.Kind) && (looksLikeID(x.Text) || many && strings.ContainsAny(x.Text, "0123456789")) {
			like += x.Count
		}
	}
	return 2*like < v.Count()
}

// few reports whether all values are kept, there are no more than maxCategories, and most
// of what is there comes again.
func few(v *sketch.Values) bool {
	if !v.All() || v.Distinct() > maxCategories {
		return false
	}
	var often uint64
	for _, x := range v.Kept() {
		if times(x) >= again {
			often += x.Count
		}
	}
	return 2*often >= v.Count()
}

// byValue compares values by what they are.
func byValue(what string, x, y *profile.Attribute) part {
	return byCounts(what, countsOf(x.Values), countsOf(y.Values))
}

// instanceKeys name an instance of a service, or where it runs. An imitation has other names, of
// another form too: who they are is nothing to compare, how much of all each has is.
var instanceKeys = []string{"service.instance.id", "host.name", "host.id", "container.id", "container.name", "k8s.pod.name", "k8s.pod.uid",
	"k8s.node.name", "k8s.node.uid", "faas.instance"}

// byRank compares how often values are there, the most frequent with the most frequent of
// the other side and so on, whatever they are.
func byRank(what string, x, y *profile.Attribute) part {
	return byCounts(what, ranksOf(x.Values), ranksOf(y.Values))
}

// ranksOf returns how often each value is there, by its rank: that of the most frequent is 0.
func ranksOf(v *sketch.Values) map[string]uint64 {
	var counts []uint64
	for _, x := range v.Kept() {
		counts = append(counts, x.Count)
	}
	slices.Sort(counts)
	slices.Reverse(counts)
	all := make(map[string]uint64, len(counts))
	for rank, n := range counts {
		all[strconv.Itoa(rank)] = n
	}
	return all
}

// countsOf returns how often each value is there.
func countsOf(v *sketch.Values) map[string]uint64 {
	all := make(map[string]uint64)
	for _, x := range v.Kept() {
		all[x.Text] += x.Count
	}
	return all
}

// byForm compares values by their form, length, and how often they come again: the greatest
// of the three. Forms are counted by value, since what is kept of many is drawn by value.
func byForm(what string, x, y *profile.Attribute, sizes bool) part {
	p := part{what: what, a: float64(x.Present), b: float64(y.Present)}
	a, b := x.Values.Kept(), y.Values.Kept()
	if len(a) == 0 || len(b) == 0 { // of arrays and maps, say
		if len(a) != len(b) {
			p.value = 1
		}
		return p
	}
	most := byCounts("", formsOf(a), formsOf(b))
	m, n := float64(x.Values.Distinct()), float64(y.Values.Distinct())
	if x.Lengths.Count() > 0 && y.Lengths.Count() > 0 {
		q := byKS("", x.Lengths, y.Lengths)
		q.chance = float64(ksBound * spread(m, n)) // a value has one length, however often it is there
		most = farther(most, q)
	}
	switch {
	case !sizes:
	case few(x.Values) && few(y.Values):
		// The distance of two distributions of two numbers is 0, a half or 1.
		most = surer(most, byRank("", x, y))
	default:
		most = farther(most, byKS("", timesOf(a), timesOf(b)))
	}
	p.value, p.chance = most.value, most.chance
	return p
}

// farther returns the part that is farther over its chance.
func farther(p, q part) part {
	if q.value-q.chance > p.value-p.chance {
		return q
	}
	return p
}

// surer returns the part that is over its chance where one of the two is, else the one that
// is farther: of few values chance explains any form.
func surer(p, q part) part {
	if sure := q.value > q.chance; sure != (p.value > p.chance) {
		if sure {
			return q
		}
		return p
	}
	if q.value > p.value {
		return q
	}
	return p
}

func formsOf(values []*sketch.Value) map[string]uint64 {
	all := make(map[string]uint64)
	for _, x := range values {
		all[form(x.Text)]++
	}
	return all
}

// times returns in how many traces a value is, or how often it is there where there are no
// traces, as of metrics.
func times(x *sketch.Value) uint64 {
	if x.Traces == 0 {
		return x.Count
	}
	return x.Traces
}

// timesOf returns in how many traces each value is.
func timesOf(values []*sketch.Value) *sketch.Numbers {
	s := new(sketch.Numbers)
	for _, x := range values {
		s.Add(float64(times(x)))
	}
	return s
}

// word returns the end of the run of letters and digits that begins at i.
func word(s string, i int) int {
	for i < len(s) && isWord(s[i]) {
		i++
	}
	return i
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isWord(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// formWords is how many words of a form are told: of longer texts they are no form.
const formWords = 6

// form returns what kinds of characters a text has, in their order: words of letters, of
// digits and of both, and what is between them. Words that follow each other, apart by
// spaces, are one, and of long texts only the first are told.
func form(s string) string {
	var b strings.Builder
	last, words := "", 0
	for i := 0; i < len(s); {
		if uuid(s, i) {
			b.WriteString("{uuid}")
			i += uuidLength
			last = ""
			words++
			continue
		}
		if !isWord(s[i]) {
			if s[i] != ' ' && (b.Len() == 0 || !strings.HasSuffix(b.String(), s[i:i+1])) {
				b.WriteByte(s[i])
				last = ""
			}
			i++
			continue
		}
		end := word(s, i)
		if kind := wordKind(s[i:end]); kind != last {
			b.WriteString(kind)
			last = kind
		}
		if words++; words == formWords && end < len(s) {
			return "{text}"
		}
		i = end
	}
	return b.String()
}

// wordKind returns what a word is made of. Hexadecimal ones are told with their length,
// since that is what ids have in common.
func wordKind(w string) string {
	digits, hex := 0, 0
	for i := range len(w) {
		if isDigit(w[i]) {
			digits++
		}
		if isHex(w[i]) {
			hex++
		}
	}
	switch {
	case hex == len(w) && len(w) >= 8 && (digits > 0 && digits < len(w) || len(w) >= 16):
		return "{hex" + strings.Repeat("+", len(w)/8) + "}"
	case digits == len(w):
		return "{digits}"
	case digits > 0:
		return "{mixed}"
	}
	return "{letters}"
}

func isHex(c byte) bool { return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }

const uuidLength = 36

// uuid reports whether a UUID begins at i.
func uuid(s string, i int) bool {
	if len(s)-i < uuidLength || i > 0 && isWord(s[i-1]) || len(s)-i > uuidLength && isWord(s[i+uuidLength]) {
		return false
	}
	for k := range uuidLength {
		c := s[i+k]
		if dash := k == 8 || k == 13 || k == 18 || k == 23; dash != (c == '-') || !dash && !isHex(c) {
			return false
		}
	}
	return true
}

// looksLikeID reports whether a text has a UUID, four digits or more in a row, or a word that
// nobody thought of: a long hexadecimal one, or one that goes from letters to digits and back.
func looksLikeID(s string) bool {
	for i := 0; i < len(s); {
		if uuid(s, i) {
			return true
		}
		if !isWord(s[i]) {
			i++
			continue
		}
		end := word(s, i)
		if strings.HasPrefix(wordKind(s[i:end]), "{hex") {
			return true
		}
		row, changes := 0, 0
		for k := i; k < end; k++ {
			if k > i && isDigit(s[k]) != isDigit(s[k-1]) {
				changes++
			}
			if !isDigit(s[k]) {
				row = 0
			} else if row++; row >= 4 {
				return true
			}
		}
		if changes >= 2 && end-i >= 6 {
			return true
		}
		i = end
	}
	return false
}
