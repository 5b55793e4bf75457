package golden

import (
	"cmp"
	"fmt"
	"slices"
)

// checks judges the two validations against their steps.
func (c *court) checks(s *span) {
	switch {
	case s.is("request.validation"):
		c.incoming(s)
	case s.is("response.validation"):
		c.outgoing(s)
	case s.is("validation.payload"):
		issues := 0
		for _, e := range s.Events {
			if e.Name == c.prefix+".validation.error" {
				issues++
			}
		}
		invalid := s.get("validation.result") == "invalid"
		c.must(invalid == s.failed(), s, "invalid %t, status ERROR %t", invalid, s.failed())
		c.must(invalid == (issues > 0), s, "invalid %t, but %d events say what is wrong", invalid, issues)
	case s.is("validation.policy"):
		decision, step := s.get("policy.decision"), s.get("step.outcome")
		c.must(decision == "block" || step == "pass" || s.failed(), s, "decision %s, step %s", decision, step)
		c.must(decision != "block" || step == "block" || step == "fail", s, "decision %s, step %s", decision, step)
	}
}

// side is what both validations have in common.
type side struct {
	name, outcome, reason string
	audit                 bool
	policy                *span // the last one, or nil
	broken                bool  // the engine
}

func (c *court) side(s *span, name string) side {
	x := side{name: name, outcome: s.get(name + ".outcome"), reason: s.get("block.reason")}
	x.audit, _ = s.attrs["*."+name+".audit.flag"].(bool)
	flagged := false
	for _, p := range s.named("validation.policy") {
		x.policy = p
		x.broken = x.broken || p.failed()
		flagged = flagged || p.get("policy.decision") == "allow_with_audit"
	}
	c.must((x.reason != "") == (x.outcome == "blocked"), s, "%s with block.reason %q", x.outcome, x.reason)
	c.must(x.audit == flagged, s, "audit flag %t, policy asks for an audit %t", x.audit, flagged)
	c.must(!x.audit || x.outcome == "allowed", s, "flagged for an audit, but %s", x.outcome)
	_, sourced := s.attrs["*."+name+".audit.source"]
	c.must(sourced == x.audit, s, "audit flag %t, audit source %t", x.audit, sourced)
	mode := s.get("policy.fail_mode")
	c.must(mode == "" || x.broken, s, "fail_mode without a failure of the engine")
	c.must(mode != "closed" || x.outcome == "blocked", s, "fail_mode closed, but %s", x.outcome)
	c.must(!x.broken || x.outcome == "error" || mode != "", s, "%s with a broken policy engine, and no fail_mode", x.outcome)
	return x
}

// incoming judges a request's validation.
func (c *court) incoming(s *span) {
	x := c.side(s, "request")
	cause := "" // what the steps say, if they stopped the request
	for i, step := range s.children {
		fails := step.failed() || step.get("step.outcome") == "block" || step.get("step.outcome") == "fail"
		c.must(cause == "", s, "%s runs after a step that stopped the request", step.Name)
		if !fails || i == len(s.children)-1 && s.get("policy.fail_mode") == "open" {
			continue
		}
		switch {
		case step.is("validation.payload"):
			cause = "invalid_payload"
		case step.is("validation.policy"):
			cause = "request_policy"
		case step.is("augmentation"):
			cause = "invalid_context"
		}
	}
	switch x.outcome {
	case "allowed":
		c.must(cause == "", s, "allowed in spite of %s", cause)
	case "blocked":
		// A rate limit is a decision of the gateway, that no step tells of.
		c.must(x.reason == cause || cause == "" && x.reason == "rate_limited", s, "block.reason %s, steps say %q", x.reason, cause)
	case "error":
		worst := false
		for _, step := range s.children {
			worst = worst || step.failed() && step.attrs["error.type"] == s.attrs["error.type"]
		}
		c.must(worst, s, "error, but no step failed that way")
	}
}

// outgoing judges an answer's validation.
func (c *court) outgoing(s *span) {
	x := c.side(s, "response")
	blocks := x.policy != nil && x.policy.get("policy.decision") == "block"
	switch x.outcome {
	case "allowed":
		c.must(!blocks, s, "allowed in spite of the policy")
	case "blocked":
		c.must(blocks && x.reason == "response_policy", s, "blocked, but not by the policy")
	}
	c.must(!blocks || x.outcome != "allowed", s, "the policy blocks, but %s", x.outcome)
}

// entry is the side of the runtime that took the request for a turn of work: the
// work itself, unless a server stands around it.
func (s *span) entry() *span {
	if s.is("a2a.orchestrate") && s.parent.is("a2a.serve") {
		return s.parent
	}
	return s
}

// request is what belongs to one request.
type request struct {
	first     *span // request.validation
	top       *span // cp.request, or first
	work      []*span
	responses []*span
	last      *span // the last root
}

// requests judges what concerns several traces: the three of a request, and the
// turns of a session.
func (c *court) requests() {
	byTrace := make(map[string]*request)
	var all []*request
	var spans []*span
	for _, id := range c.order {
		spans = append(spans, c.traces[id]...)
	}
	for _, s := range spans {
		if s.is("request.validation") {
			r := &request{first: s, top: s, last: s}
			if c.unified && s.parent != nil {
				r.top, r.last = s.parent, s.parent
			}
			id := fmt.Sprintf("%x", s.TraceId)
			c.must(byTrace[id] == nil, s, "two in a trace")
			byTrace[id] = r
			all = append(all, r)
		}
	}
	for _, s := range spans {
		if !s.is("a2a.orchestrate") && !s.is("response.validation") {
			continue
		}
		r := byTrace[s.entry().get("cp.incoming_trace_id")]
		switch {
		case r == nil:
			c.object(s, "cp.incoming_trace_id is of no request")
		case s.is("a2a.orchestrate"):
			r.work = append(r.work, s)
		default:
			r.responses = append(r.responses, s)
		}
	}
	sessions := make(map[string][]*request)
	for _, r := range all {
		c.request(r)
		id := r.first.get("session.id")
		sessions[id] = append(sessions[id], r)
	}
	c.sessions(all, sessions)
}

// request judges one request.
func (c *court) request(r *request) {
	s := r.first
	outcome := s.get("request.outcome")
	if outcome != "allowed" {
		c.must(len(r.work)+len(r.responses) == 0, s, "%s, but there is work or an answer", outcome)
	} else if len(r.work) != 1 || len(r.responses) != 1 {
		c.object(s, "allowed, with %d turns of work and %d answers", len(r.work), len(r.responses))
		return
	}
	if c.unified {
		c.whole(r)
	}
	if outcome != "allowed" {
		return
	}
	w, a := r.work[0], r.responses[0]
	if !c.unified {
		r.last = a
		c.links(w.entry(), s)
		c.links(a, w.entry())
	}
	c.must(a.get("dp.trace_id") == fmt.Sprintf("%x", w.TraceId), a, "dp.trace_id is not of the work")
	c.must(a.get("cp.outgoing_trace_id") == fmt.Sprintf("%x", a.TraceId), a, "cp.outgoing_trace_id is not its own")
	c.must(w.StartTimeUnixNano >= s.EndTimeUnixNano, w, "begins before the request is validated")
	c.must(a.StartTimeUnixNano >= w.EndTimeUnixNano, a, "begins before the work is done")
	if w.get("a2a.outcome") == "error" {
		c.must(a.get("response.outcome") == "error", a, "%s, but the work ended in an error", a.get("response.outcome"))
		c.must(a.attrs["error.type"] == w.attrs["error.type"] || a.named("validation.policy") != nil && upset(a) != nil, a, "another error.type than the work")
	} else if a.get("response.outcome") == "error" {
		c.must(upset(a) != nil, a, "error, but neither work nor policy failed")
	}
	for _, k := range []string{"*.session.id", "*.request.id", "*.tenant.id", "*.enduser.pseudo.id"} {
		for _, o := range []*span{w, a} {
			c.must(o.attrs[k] == nil || s.attrs[k] == nil || o.attrs[k] == s.attrs[k], o, "%s is another than the request's", k)
		}
	}
}

// whole judges the root that holds all of a request.
func (c *court) whole(r *request) {
	c.must(r.top.is("cp.request"), r.top, "not in a cp.request")
	c.must(r.top.get("request.outcome") == r.first.get("request.outcome"), r.top, "request.outcome is another than the validation's")
	want := ""
	if len(r.responses) == 1 {
		want = r.responses[0].get("response.outcome")
	}
	got := r.top.get("response.outcome")
	c.must(got == want, r.top, "response.outcome is %q, the validation's %q", got, want)
	c.must(r.top.get("cp.incoming_trace_id") == fmt.Sprintf("%x", r.top.TraceId), r.top, "cp.incoming_trace_id is not its own")
	for _, s := range append([]*span{r.first}, r.responses...) {
		reason := s.get("block.reason")
		c.must(reason == "" || r.top.get("block.reason") == reason, r.top, "block.reason is another than the validation's")
	}
	for _, s := range append(slices.Clone(r.work), r.responses...) {
		c.must(len(s.entry().Links) == 0, s, "a link within the trace")
		above := s.entry().parent
		if above.is("a2a.forward") {
			above = above.parent
		}
		c.must(above == r.top, s, "not below its request")
	}
}

// links checks that s has one link, to the root before it.
func (c *court) links(s, to *span) {
	if len(s.Links) != 1 {
		c.object(s, "%d links", len(s.Links))
		return
	}
	l := s.Links[0]
	c.must(string(l.TraceId) == string(to.TraceId) && string(l.SpanId) == string(to.SpanId), s, "link is not to %s", to.Name)
}

// sessions judges the turns of each session.
func (c *court) sessions(all []*request, sessions map[string][]*request) {
	ids := make(map[string]bool)
	for _, r := range all {
		id := r.first.get("request.id")
		c.must(id != "" && !ids[id], r.first, "request.id is another request's")
		ids[id] = true
	}
	for _, turns := range sessions {
		slices.SortStableFunc(turns, func(a, b *request) int { return cmp.Compare(a.top.StartTimeUnixNano, b.top.StartTimeUnixNano) })
		for i, r := range turns {
			if i == 0 {
				c.must(len(r.top.Links) == 0, r.top, "the first turn has a link")
				continue
			}
			before := turns[i-1]
			c.seen["later turns"]++
			c.links(r.top, before.last)
			c.must(r.top.StartTimeUnixNano >= before.last.EndTimeUnixNano, r.top, "begins before the turn before it ends")
			for _, k := range []string{"*.enduser.pseudo.id", "*.tenant.id"} {
				c.must(r.first.attrs[k] == before.first.attrs[k], r.first, "%s changes within a session", k)
			}
		}
	}
}
