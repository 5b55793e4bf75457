package conform

// tool judges a tool call by its attempts.
func (k *Checker) tool(i int) {
	r := &k.record
	if r.spans[i].failed && r.has(i, slotToolResult) {
		k.fail(i, "tool-result", "a result of a call that failed")
	} else if text, ok := r.speech.bytesOf(r.t, r.attr(i, slotToolResult)); ok && !isJSON(text) {
		k.fail(i, "tool-result", "its result is no JSON")
	}
	if text, ok := r.speech.bytesOf(r.t, r.attr(i, slotArguments)); ok && (!isJSON(text) || text[0] != '{') {
		k.fail(i, "tool-arguments", "its arguments are no JSON object")
	}
	last, count := -1, int64(0)
	for c := r.child(i); c >= 0; c = r.sibling(c) {
		if r.spans[c].rules.class != classAttempt {
			continue
		}
		count++
		k.attempt(i, c, last, count)
		last = c
	}
	if last < 0 {
		if r.word(i, slotStep) != "skipped" {
			k.fail(i, "tool-attempts", "a tool call without an attempt")
		}
		return
	}
	if failed := r.spans[last].failed; failed != r.spans[i].failed {
		k.fail(i, "tool-outcome", "the last attempt failed: %t, and the call: %t", failed, r.spans[i].failed)
	}
	if n, ok := r.whole(i, slotRetries); ok && n >= 0 && n != count-1 {
		k.fail(i, "retry-count", "retry.count is %d after %d attempts", n, count)
	}
	if policy := r.word(i, slotPolicy); policy != "" && (policy == "none") != (count == 1) {
		k.fail(i, "retry-policy", "retry.policy is %q after %d attempts", policy, count)
	}
}

// attempt judges an attempt of a tool call: number n, after that at before.
func (k *Checker) attempt(tool, i, before int, n int64) {
	r := &k.record
	if index, ok := r.whole(i, slotIndex); ok && index != n {
		k.fail(i, "attempt-index", "attempt %d has the index %d", n, index)
	}
	a, b := r.attr(i, slotCall), r.attr(tool, slotCall)
	if a != nil && b != nil && !same(r.t, a, b) {
		k.fail(i, "call-id", "attempt of call %s with the id %s", quoted(r.t, b), quoted(r.t, a))
	}
	if before < 0 {
		for _, s := range [...]slot{slotReason, slotBackoff} {
			if r.has(i, s) {
				k.fail(i, "retry-first", "%s on the first attempt", k.emitted(k.slots[s]))
			}
		}
		return
	}
	start, end := r.t.Spans[i].Start, r.t.Spans[before].End
	wait, ok := r.whole(i, slotBackoff)
	switch {
	case start < end:
		k.fail(i, "attempt-order", "attempt %d starts before the one before it has ended", n)
	case ok && wait > 1 && start-end < uint64(wait-1)*1_000_000:
		k.fail(i, "retry-backoff", "%d ms of backoff, and a gap of %d ns", wait, start-end)
	}
}

// task judges a task by what is below it: what fails there for good fails the
// task, unless a substitute did it.
func (k *Checker) task(i int) {
	r := &k.record
	if r.spans[i].failed || r.flag(i, slotFallback) {
		return
	}
	for c := r.child(i); c >= 0; c = r.sibling(c) {
		if x := &r.spans[c]; x.failed && !x.replaced {
			k.fail(i, "task-outcome", "%s failed below it, and the task did not", x.rules.name)
			return
		}
	}
}

// orchestrated judges the outcome of an orchestration by its children. Without
// a composed response, any failure may be either the end of it or half of it.
func (k *Checker) orchestrated(i int) {
	r := &k.record
	outcome := r.word(i, slotOrchestrated)
	if !oneOf(outcome, "success", "partial", "error") {
		return
	}
	compose, bad, good := -1, false, false
	for c := r.child(i); c >= 0; c = r.sibling(c) {
		x := &r.spans[c]
		if x.rules.class == classCompose {
			compose = c
			continue
		}
		bad, good = bad || x.failed && !x.replaced, good || !x.failed
	}
	switch {
	case compose >= 0 && r.spans[compose].failed:
		if outcome != "error" {
			k.fail(i, "orchestration-outcome", "no response could be composed, and the outcome is %q", outcome)
		}
	case compose >= 0 && outcome == "error":
		k.fail(i, "orchestration-own", "a response was composed, and the outcome is %q", outcome)
	case compose >= 0 && bad:
		if outcome != "partial" {
			k.fail(i, "orchestration-outcome", "a response was composed in spite of a failure, and the outcome is %q", outcome)
		}
	case bad:
		if outcome == "success" || outcome == "partial" && !good {
			k.fail(i, "orchestration-outcome", "something failed, and the outcome is %q", outcome)
		}
	case !r.spans[i].trouble && outcome == "partial":
		k.fail(i, "orchestration-outcome", "nothing failed, and the outcome is %q", outcome)
	}
	if compose >= 0 {
		k.format(i, compose)
	}
}

// format judges the format of a composed response by the calls of models in
// the trace: one streams when the other does.
func (k *Checker) format(i, compose int) {
	r := &k.record
	trace := &r.traces[r.spans[i].trace]
	format := r.word(compose, slotFormat)
	if trace.models && oneOf(format, "a2a_stream", "a2a_json") && (format == "a2a_stream") != trace.streams {
		k.fail(compose, "response-format", "response.format is %q, and a model streams: %t", format, trace.streams)
	}
}
