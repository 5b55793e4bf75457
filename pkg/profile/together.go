package profile

import (
	"cmp"
	"slices"
)

// Together is what some sessions have in common: which value of each of some keys all of
// their spans have.
type Together struct {
	Values   []uint64 // by key: the Hash of a value; 0: none, or several
	Sessions uint64
	Traces   uint64   // that these have
	With     []uint64 // of these, those that have each key
}

// Together returns, for keys of attributes of spans, which values sessions have together, by how
// many traces have them. Where there are very many sessions it is of those with the lowest hashes.
func (p *Profile) Together(keys []string) []Together {
	all := p.kept.sessions.values
	if all == nil || len(keys) == 0 {
		return nil
	}
	at := make(map[uint64]int, len(keys))
	for i, key := range keys {
		at[keyHash([]byte(key))] = i
	}
	found := make(map[uint64][]Together) // by a hash of the values
	for _, id := range all.sorted() {
		x := together(all.items[id].list, at, len(keys))
		h := uint64(0)
		for _, v := range x.Values {
			h = join(h, v)
		}
		i := slices.IndexFunc(found[h], func(o Together) bool { return slices.Equal(o.Values, x.Values) })
		if i < 0 {
			found[h] = append(found[h], x)
		} else {
			found[h][i].Sessions++
			found[h][i].Traces += x.Traces
			for k, n := range x.With {
				found[h][i].With[k] += n
			}
		}
	}
	var out []Together
	for _, list := range found { // order-free: sorted
		out = append(out, list...)
	}
	slices.SortFunc(out, func(a, b Together) int {
		return cmp.Or(cmp.Compare(b.Traces, a.Traces), slices.Compare(a.Values, b.Values))
	})
	return out
}

// together returns what a session has, of which each trace has a value of each key once.
func together(list []keyValue, at map[uint64]int, n int) Together {
	out := Together{Values: make([]uint64, n), With: make([]uint64, n), Sessions: 1}
	mixed := make([]bool, n)
	traces := make(map[uint64]uint64)
	for _, x := range list {
		traces[x.key]++
		out.Traces = max(out.Traces, traces[x.key])
		i, ok := at[x.key]
		if ok {
			out.With[i]++
		}
		switch {
		case !ok:
		case x.value == 0 || out.Values[i] != 0 && out.Values[i] != x.value:
			mixed[i] = true
		default:
			out.Values[i] = x.value
		}
	}
	for i := range mixed {
		if mixed[i] {
			out.Values[i] = 0
		}
	}
	return out
}
