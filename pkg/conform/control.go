package conform

// requested judges the validation of a request by its steps.
func (k *Checker) requested(i int) {
	r := &k.record
	outcome, reason := r.word(i, slotRequestOutcome), r.word(i, slotBlock)
	k.blocked(i, outcome, reason)
	step := k.steps(i)
	if outcome == "allowed" && (step.failed || step.stopped) {
		k.fail(i, "request-outcome", "the request is allowed, and %s did not pass", step.culprit)
	}
	k.audited(i, outcome, step.audit, slotRequestFlag, slotRequestSource)
	if outcome != "blocked" {
		return
	}
	fits := true
	switch reason {
	case "invalid_payload":
		fits = step.payload
	case "request_policy":
		fits = step.policy
	case "invalid_context":
		fits = step.context
	case "rate_limited":
		fits = !step.payload && !step.policy && !step.context
	}
	if !fits {
		k.fail(i, "block-step", "block.reason is %q, and the steps say otherwise", reason)
	}
}

// responded judges the validation of a response by its steps.
func (k *Checker) responded(i int) {
	r := &k.record
	outcome, reason := r.word(i, slotResponseOutcome), r.word(i, slotBlock)
	k.blocked(i, outcome, reason)
	step := k.steps(i)
	if outcome == "allowed" && (step.failed || step.stopped) {
		k.fail(i, "response-verdict", "the response is allowed, and %s did not pass", step.culprit)
	}
	k.audited(i, outcome, step.audit, slotResponseFlag, slotResponseSource)
	if outcome == "blocked" && reason == "response_policy" && !step.policy {
		k.fail(i, "block-step", "block.reason is %q, and no policy says so", reason)
	}
}

// blocked judges that a reason is there exactly when it is needed.
func (k *Checker) blocked(i int, outcome, reason string) {
	if outcome != "" && (outcome == "blocked") != (reason != "") {
		k.fail(i, "block-reason", "the outcome is %q, and block.reason %q", outcome, reason)
	}
}

// stepsState is what the steps of a validation have come to.
type stepsState struct {
	failed, stopped          bool
	payload, policy, context bool // what did not pass
	audit                    bool // a policy asks for an audit
	culprit                  string
}

func (k *Checker) steps(i int) (out stepsState) {
	r := &k.record
	for c := r.child(i); c >= 0; c = r.sibling(c) {
		x := &r.spans[c]
		step := r.word(c, slotStep)
		bad := x.failed || oneOf(step, "fail", "block")
		switch x.rules.class {
		case classPayload:
			out.payload = out.payload || bad
		case classPolicy:
			bad = bad || r.word(c, slotDecision) == "block"
			out.policy = out.policy || bad
			out.audit = out.audit || !bad && r.word(c, slotDecision) == "allow_with_audit"
		case classAugmentation:
			out.context = out.context || bad
		default:
			continue
		}
		if bad {
			out.failed, out.stopped = out.failed || x.failed, out.stopped || !x.failed
			out.culprit = x.rules.bare
		}
	}
	return out
}

// audited judges the flag of something that was allowed.
func (k *Checker) audited(i int, outcome string, asked bool, flag, source slot) {
	r := &k.record
	flagged := r.flag(i, flag)
	if outcome == "allowed" && flagged != asked {
		k.fail(i, "audit-flag", "a policy asks for an audit: %t, and the flag is %t", asked, flagged)
	} else if flagged && !r.has(i, source) {
		k.fail(i, "audit-source", "a flag without %s", k.emitted(k.slots[source]))
	}
}

// enclosed judges a span around a whole request by the parts in it.
func (k *Checker) enclosed(i int) {
	r := &k.record
	failed, parts := false, false
	for c := r.child(i); c >= 0; c = r.sibling(c) {
		x := &r.spans[c]
		parts, failed = true, failed || x.failed
		switch x.rules.class {
		case classRequest:
			k.mirrored(i, c, slotRequestOutcome)
		case classResponse:
			k.mirrored(i, c, slotResponseOutcome)
		}
	}
	if parts && failed != r.spans[i].failed {
		k.fail(i, "status-outcome", "a part of the request failed: %t, and the request: %t", failed, r.spans[i].failed)
	}
}

// mirrored judges what a request says of one of its parts.
func (k *Checker) mirrored(i, part int, s slot) {
	r := &k.record
	a, b := r.attr(i, s), r.attr(part, s)
	if a != nil && b != nil && !same(r.t, a, b) {
		k.fail(i, "outcome-mirror", "%s is %s, and %s on %s", k.emitted(k.slots[s]), quoted(r.t, a), quoted(r.t, b), r.spans[part].rules.name)
	}
}
