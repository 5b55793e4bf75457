package conform

import (
	"cmp"
	"slices"
)

// asides finds what an agent does aside: where it has several things done at
// the same time, each in which a model is called is a conversation of its own.
func (r *recordState) asides() {
	for i := range r.spans {
		if r.spans[i].rules.class != classLLM {
			continue
		}
		for p := int32(i); p >= 0 && !r.spans[p].speaks; p = r.spans[p].parent {
			x := &r.spans[p]
			if p != int32(i) && (x.rules.class.isAgent() || x.rules.class == classLLM || x.rules.class == classTool) {
				break
			}
			x.speaks = true
		}
	}
	for i := range r.spans {
		if r.spans[i].first != r.spans[i].last {
			r.apart(i)
		}
	}
}

// apart marks the children of a span in which a model is called while another
// child is under way.
func (r *recordState) apart(i int) {
	r.order = r.order[:0]
	speaks := false
	for c := r.child(i); c >= 0; c = r.sibling(c) {
		r.order = append(r.order, int32(c))
		speaks = speaks || r.spans[c].speaks
	}
	if !speaks {
		return
	}
	slices.SortFunc(r.order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(r.t.Spans[a].Start, r.t.Spans[b].Start), cmp.Compare(r.t.Spans[a].End, r.t.Spans[b].End))
	})
	end := uint64(0) // of those before
	for n, c := range r.order {
		s := &r.t.Spans[c]
		busy := s.Start < end || n+1 < len(r.order) && r.t.Spans[r.order[n+1]].Start < s.End
		r.spans[c].aside = r.spans[c].speaks && busy
		end = max(end, s.End)
	}
}
