package conform

import "slices"

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

// apart marks the children of a span in which a model is called, if the span has
// things done at the same time: two of them begin at once.
func (r *recordState) apart(i int) {
	r.starts = r.starts[:0]
	speaks := false
	for c := r.child(i); c >= 0; c = r.sibling(c) {
		speaks = speaks || r.spans[c].speaks
		if s := &r.t.Spans[c]; s.Start < s.End {
			r.starts = append(r.starts, s.Start)
		}
	}
	if !speaks {
		return
	}
	slices.Sort(r.starts)
	atOnce := false
	for n := 1; n < len(r.starts); n++ {
		atOnce = atOnce || r.starts[n-1] == r.starts[n]
	}
	for c := r.child(i); c >= 0 && atOnce; c = r.sibling(c) {
		r.spans[c].aside = r.spans[c].speaks
	}
}
