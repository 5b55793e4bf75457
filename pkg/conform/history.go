package conform

import "bytes"

// history judges that a call of a model is sent what the call before it was
// sent and has said. Of what is long, the oldest may have been put in short.
func (k *Checker) history(p, m *move) {
	r := &k.record
	before, said, now := r.spans[p.span].in, r.spans[p.span].out, r.spans[m.span].in
	if !before.known || !now.known {
		return
	}
	list, want := r.speech.of(now), r.speech.of(before)
	if !said.known || said.len() > 1 { // it said nothing, or of several choices any may be the one that is followed
		if n, ok := repeats(list, want, nil); !ok && !r.shortened(list, want, nil) {
			k.fail(int(m.span), "history", "message %d is not what the call before it was sent", n+1)
		}
		return
	}
	list = list[:len(list)-len(r.responses(now))]
	switch n, ok := repeats(list, want, r.speech.of(said)); {
	case !ok && !r.shortened(list, want, r.speech.of(said)):
		k.fail(int(m.span), "history", "message %d is not what the call before it was sent or has said", n+1)
	case ok && len(list) > n && r.speech.count(said, partCall) > 0:
		k.fail(int(m.span), "history", "message %d is neither of the call before it nor a response to it", n+1)
	}
}

// remembers judges what a turn knows of those before it: a model that is sent
// something of them is sent all of what was said, or its beginning in short.
func (s *Session) remembers(trace *traceState) {
	k, r := s.k, &s.k.record
	if trace.opens == 0 {
		return
	}
	first := int(trace.opens) - 1
	if now := r.spans[first].in; len(s.sent) > 0 && now.known && r.speech.answered(now) {
		before, _ := r.speech.read(s.sent)
		var said messageRange
		if len(s.said) > 0 {
			said, _ = r.speech.read(s.said)
		}
		list, want, added := r.speech.of(now), r.speech.of(before), r.speech.of(said)
		if n, ok := repeats(list, want, added); !ok && !r.shortenedBefore(list, want, added) {
			k.fail(first, "history", "message %d is not what was said in the turn before", n+1)
		}
	}
	last := int(trace.closes) - 1
	s.sent = keptText(s.sent, r, last, slotInput, slotInputRedacted, r.spans[last].in.known)
	s.said = keptText(s.said, r, last, slotOutput, slotOutputRedacted, r.spans[last].out.len() == 1)
}

// keptText replaces what is kept by a text of a call of a model, if that says
// something.
func keptText(dst []byte, r *recordState, i int, raw, redacted slot, known bool) []byte {
	a := r.attr(i, raw)
	if a == nil {
		a = r.attr(i, redacted)
	}
	text, ok := r.speech.bytesOf(r.t, a)
	if !ok || !known {
		return dst[:0]
	}
	return append(dst[:0], text...)
}

// answered reports whether an assistant has said something in messages.
func (s *speech) answered(m messageRange) bool {
	for _, x := range s.of(m) {
		if string(x.role) == "assistant" {
			return true
		}
	}
	return false
}

// shortenedBefore is shortened for a list that goes on with something new.
func (r *recordState) shortenedBefore(list, first, then []message) bool {
	for n := len(list) - 1; n > 0; n-- {
		if string(list[n].role) == "assistant" {
			return r.shortened(list[:n+1], first, then)
		}
	}
	return r.speech.compaction(list) >= 0
}

// repeats reports whether a list begins with all of two others, and up to where
// it does.
func repeats(list, first, then []message) (int, bool) {
	for n := range len(first) + len(then) {
		want := first
		at := n
		if n >= len(first) {
			want, at = then, n-len(first)
		}
		if n >= len(list) || !list[n].equals(&want[at]) {
			return n, false
		}
	}
	return len(first) + len(then), true
}

// equals reports whether two messages say the same.
func (m *message) equals(o *message) bool {
	return bytes.Equal(m.role, o.role) && sameJSON(m.text, o.text)
}

// shortened reports whether a list is what two others say together, of which the
// oldest messages were put into one.
func (r *recordState) shortened(list, first, then []message) bool {
	short := r.speech.compaction(list)
	if short < 0 {
		return false
	}
	kept := list[short+1:]
	for n := range kept {
		back := len(kept) - 1 - n // from the end
		var want *message
		switch {
		case n < len(then):
			want = &then[len(then)-1-n]
		case n-len(then) < len(first):
			want = &first[len(first)-1-(n-len(then))]
		default:
			return false
		}
		if !kept[back].equals(want) {
			return false
		}
	}
	return true
}

// compaction returns the index of the first message that stands for others, or
// a negative number.
func (s *speech) compaction(list []message) int {
	for n := range list {
		for _, p := range s.parts[list[n].first:list[n].last] {
			if p.kind == partCompaction {
				return n
			}
		}
	}
	return -1
}

// count counts the parts of a kind in a list of messages.
func (s *speech) count(m messageRange, kind partKind) (n int) {
	for _, x := range s.of(m) {
		for _, p := range s.parts[x.first:x.last] {
			if p.kind == kind {
				n++
			}
		}
	}
	return n
}
