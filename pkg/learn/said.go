package learn

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/learn/privacy"
	"github.com/otelsim/otelsim/pkg/profile"
)

// said is how often spans of a class have each word of a key.
type said struct {
	spec *privacy.Spec
	rows [][]profile.Spoken // by word of the value, and of the key in the order of spec
}

// saidBy reads what was counted of a key, by so many words of a value.
func (w *writer) saidBy(at profile.ClassKey, spec *privacy.Spec, counts map[uint64][]profile.Spoken, n int) *said {
	out := &said{spec: spec, rows: make([][]profile.Spoken, n)}
	for i := range out.rows {
		out.rows[i] = make([]profile.Spoken, len(spec.Values))
	}
	for _, v := range w.g.byID[at.Class].Attributes[at.Key].Values.Kept() {
		text, ok := w.policy.Said(at.Key, v)
		k := slices.IndexFunc(spec.Values, func(x privacy.Value) bool { return x.Text == text })
		if !ok || k < 0 {
			continue
		}
		for i, x := range counts[v.Hash()] {
			out.rows[i][k].Add(x)
		}
	}
	return out
}

// byLuck is how many standard deviations of what values tell of each other that have nothing to do
// with each other may be luck.
const byLuck = 4

// tells is how much the value tells of the words, from 0 to 1, less what may be chance: by how much
// less often one is mistaken who guesses words as often as they are there, and knows the value.
func (s *said) tells() float64 {
	all, known := 0.0, 0.0
	rows := 0.0
	words := make([]float64, len(s.spec.Values))
	for _, row := range s.rows {
		sum, square := 0.0, 0.0
		for k, x := range row {
			n := float64(x.Sorted)
			words[k] += n
			sum += n
			square += float64(n * n)
		}
		if sum > 0 {
			rows++
			all += sum
			known += square / sum
		}
	}
	if rows < 2 {
		return 0
	}
	any := 0.0
	for _, n := range words {
		any += float64(n / all * n / all)
	}
	if any >= 1 {
		return 0
	}
	chance := (rows - 1 + float64(byLuck*math.Sqrt(2*(rows-1)))) / all
	return (known/all-any)/(1-any) - chance
}

// by puts the words of the value together with which about the same is said; nil: these are all.
func (s *said) by(x *hanging, policy *privacy.Policy) *sayings {
	var order, rest []int
	for i, row := range s.rows {
		if policy.Enough(atLeast(row).Traces) {
			order = append(order, i)
		} else {
			rest = append(rest, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(sumOf(s.rows[b]).Spans, sumOf(s.rows[a]).Spans) })
	var groups [][]int
	for _, i := range order {
		at, apart := s.nearest(groups, i)
		if at >= 0 && (apart <= mostUnlike || len(groups) == mostSayings) {
			groups[at] = append(groups[at], i)
		} else {
			groups = append(groups, []int{i})
		}
	}
	if len(groups) < 2 {
		return nil
	}
	out := &sayings{on: x, rest: make(map[string]bool)}
	shares := make([]float64, len(groups))
	for g, of := range groups {
		for _, i := range of {
			shares[g] += x.share[x.words[i]]
		}
	}
	for _, i := range rest {
		if at := x.likest(groups, i); at >= 0 {
			groups[at] = append(groups[at], i)
		} else {
			out.rest[x.words[i]] = true
		}
	}
	for g, of := range groups {
		part := saying{words: make(map[string]bool), share: shares[g], spec: s.of(of, policy)}
		for _, i := range of {
			part.words[x.words[i]] = true
		}
		if part.spec == nil {
			maps.Copy(out.rest, part.words)
		} else {
			out.parts = append(out.parts, part)
		}
	}
	evened(out.parts)
	return out
}

// oneInAll is what weights of words come to that are evened.
const oneInAll = 1e6

// evened has words be as frequent in all as they are, were each session to come to as many spans:
// that one with some words of the value comes to more of them is not said.
func evened(parts []saying) {
	is, now := make(shares), make(shares) // in all
	total, all := 0.0, 0.0
	rows := make([]shares, len(parts))
	for i, p := range parts {
		rows[i] = make(shares)
		rows[i].add(p.spec.Values, 1)
		all += p.share
		for _, v := range p.spec.Values {
			is[v.Text] += float64(v.Weight)
			total += float64(v.Weight)
		}
	}
	if all <= 0 {
		return
	}
	for range roundsOfWeights {
		clear(now)
		for i, p := range parts {
			for _, v := range p.spec.Values {
				now[v.Text] += float64(p.share / all * rows[i][v.Text])
			}
		}
		for i, p := range parts {
			sum := 0.0
			for _, v := range p.spec.Values {
				rows[i][v.Text] *= is[v.Text] / total / max(now[v.Text], 1e-12)
				sum += rows[i][v.Text]
			}
			for _, v := range p.spec.Values {
				rows[i][v.Text] /= max(sum, 1e-12)
			}
		}
	}
	for i, p := range parts {
		for k, v := range p.spec.Values {
			p.spec.Values[k].Weight = max(uint64(math.Round(float64(oneInAll*rows[i][v.Text]))), 1)
		}
		sortWords(p.spec.Values)
	}
}

// sortWords puts words in order, the most frequent first.
func sortWords(values []privacy.Value) {
	slices.SortStableFunc(values, func(a, b privacy.Value) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), strings.Compare(a.Text, b.Text))
	})
}

// sumOf is how much there is in a row, were each of its traces of one word.
func sumOf(row []profile.Spoken) (out profile.Spoken) {
	for _, x := range row {
		out.Add(x)
	}
	return out
}

// atLeast is what there is in a row at least.
func atLeast(row []profile.Spoken) (out profile.Spoken) {
	for _, x := range row {
		if x.Traces > out.Traces {
			out = x
		}
	}
	return out
}

// nearest returns the group of words of the value with which what is said is nearest to what is
// said with one, and how far the two are apart, less what may be chance.
func (s *said) nearest(groups [][]int, i int) (at int, apart float64) {
	at = -1
	own, one := make([]float64, len(s.spec.Values)), sumOf(s.rows[i])
	for g, of := range groups {
		clear(own)
		sum := 0.0
		for _, j := range of {
			for k, x := range s.rows[j] {
				own[k] += float64(x.Spans)
				sum += float64(x.Spans)
			}
		}
		d := 0.0
		for k, x := range s.rows[i] {
			p := own[k] / sum
			d += math.Abs(float64(x.Spans)/float64(one.Spans)-p) - math.Sqrt(float64(p*(1-p))/float64(one.Sorted))
		}
		if at < 0 || d/2 < apart {
			at, apart = g, d/2
		}
	}
	return at, apart
}

// of is what is said with some words of the value, of what enough traces have; nil: nothing.
func (s *said) of(words []int, policy *privacy.Policy) *privacy.Spec {
	out := *s.spec
	out.Values = nil
	for k, v := range s.spec.Values {
		var sum profile.Spoken
		for _, i := range words {
			sum.Add(s.rows[i][k])
		}
		if policy.Enough(sum.Traces) {
			out.Values = append(out.Values, privacy.Value{Text: v.Text, Weight: sum.Spans})
		}
	}
	sortWords(out.Values)
	if len(out.Values) == 0 {
		return nil
	}
	return &out
}

// likest returns the group with a sort of sessions that has most in common with one of which too
// little is known; below 0: none.
func (x *hanging) likest(groups [][]int, i int) int {
	at, most := -1, 0
	for g, of := range groups {
		for _, j := range of {
			if n := x.inCommon(i, j); n > most {
				at, most = g, n
			}
		}
	}
	return at
}

// inCommon is how many values two sorts of sessions have in common; 0 of other words.
func (x *hanging) inCommon(i, j int) (n int) {
	for k := range x.from {
		if x.sorts[i].words[k] == x.sorts[j].words[k] {
			n++
		}
	}
	return n
}
