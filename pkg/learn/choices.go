package learn

import (
	"math"
	"slices"
)

// choice is how alternatives at a place are chosen: by weight, and where with words of a value
// on which something hangs.
type choice struct {
	on      *hanging          // nil: by weight alone
	words   []map[string]bool // by alternative, see hanging; nil: any
	weights []float64         // in percent
	gain    float64           // how much the value tells of which it is
}

// leastGain is how much the words of a value have to tell of which alternative is taken, of 1,
// for the choice to follow from it.
const leastGain = 1e-5

// choose returns how alternatives are chosen of which there are so many each: by the value that
// tells most of which it is.
func (w *writer) choose(n []uint64, words func(x *hanging, i int) map[string]bool) choice {
	shares := eachOf(n)
	out := choice{words: make([]map[string]bool, len(n)), weights: percent(shares), gain: leastGain}
	for _, x := range w.hangings {
		if c := x.choose(n, func(i int) map[string]bool { return words(x, i) }, 0); c.gain > float64(out.gain*(1+leastGain)) {
			out = c
		}
	}
	return out
}

// choose returns how alternatives are chosen by the value; it tells nothing where they would not
// come near to their shares, see comeNear.
func (x *hanging) choose(n []uint64, words func(i int) map[string]bool, off float64) choice {
	shares := eachOf(n)
	sets := make([]map[string]bool, len(n))
	for i := range n {
		sets[i] = words(i)
	}
	gain := x.gain(shares, sets)
	if gain <= leastGain {
		return choice{}
	}
	weights, come := x.weights(shares, sets)
	if !comeNear(shares, come, off) {
		return choice{}
	}
	return choice{on: x, words: sets, weights: percent(weights), gain: gain}
}

// eachOf returns which share each is of how many there are.
func eachOf(n []uint64) (shares []float64) {
	total := uint64(0)
	for _, k := range n {
		total += k
	}
	for _, k := range n {
		shares = append(shares, float64(float64(k)/float64(max(total, 1))))
	}
	return shares
}

func percent(shares []float64) (out []float64) {
	for _, share := range shares {
		out = append(out, 100*share)
	}
	return out
}

// sum is the share of some words; nil: of all.
func (x *hanging) sum(words map[string]bool) float64 {
	sum := 0.0
	for _, word := range x.words {
		if words == nil || words[word] {
			sum += x.share[word]
		}
	}
	return sum
}

// gain is how far alternatives, each of a share and with some words, are from having the same
// words as often: the mean of the squares of the differences, relative to how often they are.
func (x *hanging) gain(shares []float64, sets []map[string]bool) float64 {
	sums := make([]float64, len(sets))
	for i, set := range sets {
		sums[i] = max(x.sum(set), 1e-9)
	}
	gain := 0.0
	for _, word := range x.words {
		mean, square := 0.0, 0.0 // of how often it goes with an alternative
		for i, set := range sets {
			if set == nil || set[word] {
				p := float64(x.share[word] / sums[i])
				mean += float64(shares[i] * p)
				square += float64(float64(shares[i]*p) * p)
			}
		}
		if mean > 0 {
			gain += float64(square/mean) - mean
		}
	}
	return gain
}

// Weights that bring about shares are looked for so often, and are no farther from these.
const (
	roundsOfWeights = 40
	mostWeight      = 100
)

// weights returns with which weights alternatives come to their shares, as far as may be, where each
// is one of those that go with the word that there is, and to which they come.
func (x *hanging) weights(shares []float64, sets []map[string]bool) (out, come []float64) {
	out = slices.Clone(shares)
	at := make([][]int, len(x.words)) // which alternatives there are with a word
	for k, word := range x.words {
		for i, set := range sets {
			if set == nil || set[word] {
				at[k] = append(at[k], i)
			}
		}
	}
	for range roundsOfWeights {
		got, sum := x.sharesOf(out, at), 0.0
		for i, share := range shares {
			if got[i] > 0 {
				out[i] = min(max(float64(out[i]*share)/got[i], share/mostWeight), float64(share*mostWeight))
			}
			sum += out[i]
		}
		for i := range out {
			out[i] /= max(sum, 1e-12)
		}
	}
	return out, x.sharesOf(out, at)
}

// comeNear reports whether alternatives come to their shares, each within a tenth of it, and the root of
// it so many times. What is done more often than there are its words does not hang on these here, as
// where something around has said which words there are.
func comeNear(shares, come []float64, off float64) bool {
	for i, share := range shares {
		if math.Abs(come[i]-share) > share/10+float64(off*math.Sqrt(share)) {
			return false
		}
	}
	return true
}

// sharesOf returns how often alternatives come up of some weights, which there are at each word.
func (x *hanging) sharesOf(weights []float64, at [][]int) []float64 {
	got, known := make([]float64, len(weights)), 0.0 // how often there are any: with other words nothing comes here
	for k, word := range x.words {
		sum := 0.0
		for _, i := range at[k] {
			sum += weights[i]
		}
		for _, i := range at[k] {
			got[i] += float64(float64(x.share[word]*weights[i]) / max(sum, 1e-12))
		}
		if len(at[k]) > 0 {
			known += x.share[word]
		}
	}
	for i := range got {
		got[i] /= max(known, 1e-12)
	}
	return got
}

// put writes the weight of an alternative, in percent of those with which it is chosen from, and
// with which words it is there.
func (c *choice) put(w *writer, m *node, i int) {
	m.put("weight", raw(digits(c.weights[i], 4)))
	if c.on != nil && len(c.words[i]) > 0 {
		c.on.when(w, m, c.words[i])
	}
}

// when writes with which words of the value something is there.
func (x *hanging) when(w *writer, m *node, words map[string]bool) {
	values := list()
	for _, word := range x.words {
		if words[word] {
			values.items = append(values.items, raw(scalarOf(x.on.spec.Kind, word)))
		}
	}
	w.use(x.on)
	m.put("when", mapping().set(x.on.name, values))
}

// chooseVariants returns how ways in which an operation, or spans of one class, go are chosen.
func (w *writer) chooseVariants(all []*variant) choice {
	n := make([]uint64, len(all))
	for i, v := range all {
		n[i] = v.spans
	}
	return w.choose(n, func(x *hanging, i int) map[string]bool { return x.ofVariant(all[i]) })
}
