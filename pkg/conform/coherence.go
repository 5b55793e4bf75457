package conform

// model judges a call of a model: who serves it, and why it stopped.
func (k *Checker) model(i int) {
	r := &k.record
	if trace := &r.traces[r.spans[i].trace]; r.has(i, slotStreaming) {
		trace.models, trace.streams = true, trace.streams || r.flag(i, slotStreaming)
	}
	k.finish(i)
	k.tokens(i)
	k.firstChunk(i)
	provider := slotProvider
	if !r.has(i, provider) {
		provider = slotSystem
	}
	if !r.has(i, provider) {
		k.fail(i, "attribute-missing", "neither %s nor %s is there", k.slots[slotProvider], k.slots[slotSystem])
		return
	}
	asked, answered := r.word(i, slotModel), r.word(i, slotAnswering)
	k.servedBy(i, asked, provider)
	if answered == asked {
		return
	}
	k.servedBy(i, answered, provider)
	if a, b := familyOf(asked), familyOf(answered); a != nil && b != nil && a.maker != b.maker {
		k.fail(i, "provider-model", "model %q was asked, and %q of another maker answered", asked, answered)
	}
}

// counts judges numbers: none is negative, and parts are no larger than the
// whole.
func (k *Checker) counts(i int) {
	for _, s := range [...]slot{slotInputTokens, slotOutputTokens, slotCacheRead, slotCacheWrite, slotReasoning, slotAsked, slotMade, slotQueries, slotResults, slotRetrieval,
		slotAvailable, slotSelected, slotSelection, slotRetries, slotBackoff} {
		if n, ok := k.record.whole(i, s); ok && n < 0 {
			k.fail(i, "negative", "%s is %d", k.emitted(k.slots[s]), n)
		}
	}
	k.atMost(i, slotSelected, slotAvailable, "tools-selected")
	k.atMost(i, slotMade, slotAsked, "tools-executed")
	s := &k.record.t.Spans[i]
	if s.Start > s.End {
		return
	}
	for _, latency := range [...]slot{slotRetrieval, slotSelection} {
		if n, ok := k.record.whole(i, latency); ok && n > 0 && uint64(n) > (s.End-s.Start)/1_000_000+1 {
			k.fail(i, "latency", "%s is %d, and the span lasts %d ms", k.emitted(k.slots[latency]), n, (s.End-s.Start)/1_000_000)
		}
	}
}

// atMost judges a number that has another one as its limit.
func (k *Checker) atMost(i int, part, whole slot, rule string) {
	r := &k.record
	a, ok := r.whole(i, part)
	b, both := r.whole(i, whole)
	if ok && both && a > b {
		k.fail(i, rule, "%s is %d, and %s %d", k.emitted(k.slots[part]), a, k.emitted(k.slots[whole]), b)
	}
}
