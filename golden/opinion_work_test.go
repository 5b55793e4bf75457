package golden

import (
	"encoding/json"
	"regexp"
	"strings"
)

// upset returns the children that failed and that nothing made up for: no later
// one of the same kind went well.
func upset(s *span) (out []*span) {
	for i, a := range s.children {
		replaced := false
		for _, b := range s.children[i+1:] {
			replaced = replaced || a.kind == b.kind && !b.failed() && a.attrs["gen_ai.tool.name"] == b.attrs["gen_ai.tool.name"] && !a.is("task.execute")
		}
		if a.failed() && !replaced {
			out = append(out, a)
		}
	}
	return out
}

// work checks the spans of an agent's work against what is below them.
func (c *court) work(s *span) {
	switch {
	case s.is("a2a.orchestrate"):
		c.orchestration(s)
	case s.is("task.execute"):
		fallback, _ := s.attrs["*.task.fallback.used"].(bool)
		if s.get("step.outcome") == "success" && !fallback {
			for _, f := range upset(s) {
				c.object(s, "success, but %s failed", f.Name)
			}
		}
	case s.is("mcp.tool.execute"):
		c.attempts(s)
	case s.is("tools.recommend"):
		available, _ := s.attrs["*.mcp.tools.available.count"].(int64)
		selected, _ := s.attrs["*.mcp.tools.selected.count"].(int64)
		c.must(selected <= available, s, "more tools selected than available")
		for _, e := range s.Events {
			a, _ := readAttributes(e.Attributes, c.prefix)
			var list []string
			if e.Name == c.prefix+".tools.recommended" {
				c.must(json.Unmarshal([]byte(a.str("*.tools.list")), &list) == nil, s, "the list of tools is no JSON")
				c.must(int64(len(list)) == selected && a["*.tools.count"] == selected, s, "selects another number of tools than the event")
			}
		}
	case s.is("llm.call"):
		c.inference(s)
	}
}

// orchestration holds the outcome of a turn against its tasks and its answer.
func (c *court) orchestration(s *span) {
	failures := upset(s)
	for _, p := range s.named("planner") {
		failures = append(failures, upset(p)...)
	}
	answers, broken := s.named("response.compose"), 0
	for _, a := range answers {
		if a.failed() {
			broken++
			c.must(s.attrs["error.type"] == a.attrs["error.type"], s, "another error.type than the answer")
		}
	}
	outcome := s.get("a2a.outcome")
	switch outcome {
	case "success":
		for _, f := range failures {
			c.object(s, "success, but %s failed", f.Name)
		}
	case "partial":
		c.must(len(failures) > 0, s, "partial, but nothing failed")
		c.must(len(answers) > 0, s, "partial without an answer")
	case "error":
		c.must(broken > 0 || len(answers) == 0, s, "error in spite of an answer")
	}
	c.must(broken == 0 || outcome == "error", s, "%s in spite of a broken answer", outcome)
	for _, a := range answers {
		c.must(a == s.children[len(s.children)-1] || a.failed(), s, "goes on after the answer")
	}
	c.must(len(answers) <= 1, s, "more than one answer")
}

// attempts checks the tries of a tool call.
func (c *court) attempts(s *span) {
	tries := s.named("mcp.tool.execute.attempt")
	n := int64(len(tries))
	if n == 0 {
		c.object(s, "no attempt")
		return
	}
	for _, k := range []string{"mcp.server.uuid", "mcp.tool.uuid"} {
		c.must(uuid.MatchString(s.get(k)), s, "%s is no uuid", k)
	}
	if count, ok := s.attrs["*.retry.count"]; ok {
		c.must(count == n-1, s, "retry.count is not the attempts less one")
	}
	if policy := s.get("retry.policy"); policy != "" {
		c.must(n == 1 || policy != "none", s, "retries without a policy")
	}
	for i, t := range tries {
		c.must(t.get("mcp.tool.call.id") == s.get("mcp.tool.call.id"), t, "another call than the tool's")
		c.must(t.attrs["*.mcp.attempt.index"] == int64(i+1), t, "index is not its place")
		c.must(i == len(tries)-1 || t.failed(), t, "tried again after a success")
		c.served(t)
		code, ok := t.attrs["http.response.status_code"].(int64)
		c.must(!ok || t.failed() == (code >= 400), t, "HTTP status %d, failed %t", code, t.failed())
		reason, backoff := t.get("retry.reason"), t.attrs["*.retry.backoff.ms"]
		if i == 0 {
			c.must(reason == "" && backoff == nil, t, "the first has a reason or a backoff")
			continue
		}
		before := tries[i-1]
		c.must(reason != "", t, "tried again without a reason")
		switch why := before.attrs.str("error.type"); why {
		case "timeout", "unavailable":
			c.must(reason == why, t, "reason is %s after %s", reason, why)
		}
		// The attribute is in whole milliseconds, and may be rounded either way.
		ms, _ := backoff.(int64)
		gap := int64(t.StartTimeUnixNano) - int64(before.EndTimeUnixNano)
		c.must(gap > ms*1e6-1e6, t, "waited less than the backoff")
		c.must(gap < ms*1e6+1e6, t, "waited longer than the backoff")
	}
	last := tries[n-1].failed()
	c.must(s.failed() == last, s, "failed %t, its last attempt %t", s.failed(), last)
}

// served checks the tool server's side of a try: it is there unless nobody could
// be reached.
func (c *court) served(s *span) {
	sides := s.named("mcp.tool.serve")
	if len(sides) == 0 {
		named := strings.HasSuffix(s.attrs.str("server.address"), ".internal.example") // those of the company are told of
		c.must(!named || s.attrs.str("error.type") == "unavailable", s, "nobody answers")
		return
	}
	c.must(len(sides) == 1 && s.attrs.str("error.type") != "unavailable", s, "%d answers", len(sides))
	t := sides[0]
	c.must(t.failed() == s.failed() && t.attrs.str("error.type") == s.attrs.str("error.type"), t, "ended otherwise than the try")
	c.must(t.get("mcp.tool.call.id") == s.get("mcp.tool.call.id"), t, "another call than the try's")
	c.must(t.get("mcp.server.uuid") == s.parent.get("mcp.server.uuid"), t, "another server than is called")
	c.must(t.resource.str("service.name") != s.resource.str("service.name"), t, "of the service that calls")
	c.seen["answers of tool servers"]++
}

// families are the providers that serve a model, by the beginning of its name.
var families = map[string]string{
	"gpt": "openai azure.ai.openai azure.ai.inference", "o1": "openai azure.ai.openai", "o3": "openai azure.ai.openai", "o4": "openai azure.ai.openai",
	"claude": "anthropic aws.bedrock gcp.vertex_ai", "anthropic.claude": "aws.bedrock", "amazon": "aws.bedrock",
	"gemini": "gcp.gemini gcp.vertex_ai gcp.gen_ai", "command": "cohere aws.bedrock", "mistral": "mistral_ai aws.bedrock azure.ai.inference",
	"codestral": "mistral_ai", "ministral": "mistral_ai", "deepseek": "deepseek azure.ai.inference groq", "llama": "groq aws.bedrock azure.ai.inference ibm.watsonx.ai",
	"meta": "groq aws.bedrock azure.ai.inference ibm.watsonx.ai", "sonar": "perplexity", "grok": "x_ai", "granite": "ibm.watsonx.ai", "ibm": "ibm.watsonx.ai",
}

// inference checks a call of a model.
func (c *court) inference(s *span) {
	model, provider := s.attrs.str("gen_ai.request.model"), s.attrs.str("gen_ai.provider.name")
	fits, known := false, false
	for start, list := range families {
		if strings.HasPrefix(model, start) {
			known = true
			fits = fits || strings.Contains(" "+list+" ", " "+provider+" ")
		}
	}
	c.must(known && fits, s, "model %s of %s", model, provider)
	c.tokens(s)
	reasons, _ := s.attrs["gen_ai.response.finish_reasons"].([]string)
	for _, r := range reasons {
		c.must(r != "error" || s.failed(), s, "finishes with an error, but went well")
	}
	if !s.failed() {
		for _, k := range []string{"gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "gen_ai.response.finish_reasons"} {
			c.must(s.attrs[k] != nil, s, "went well without %s", k)
		}
	}
	asked, _ := s.attrs["*.llm.tool.request.count"].(int64)
	ran, _ := s.attrs["*.llm.tool.execution.count"].(int64)
	c.must(ran <= asked, s, "more tools ran than were asked for")
}

// personal finds what redaction must not leave, and digit what strict must not.
var (
	personal = regexp.MustCompile(`[A-Za-z0-9]@[a-z0-9-]+\.[a-z]|https?://|www\.|\b(?:CLM|PH|EV|HA)-?[0-9]{3}|\([0-9]{3}\) ?[0-9]{3}|\b[0-9]{3}-[0-9]{4}\b|[0-9]{9}`)
	digit    = regexp.MustCompile(`[0-9]`)
	ids      = regexp.MustCompile(`"id":"[^"]*"`)
	isRaw    = regexp.MustCompile(`^gen_ai\.(?:input|output)\.messages$|^gen_ai\.system_instructions$|\.input\.raw$|\.request\.raw$`)
	isMasked = regexp.MustCompile(`^\*\.gen_ai\.(?:input|output)\.redacted$|\.raw\.redacted$|\.input\.redacted$`)
)

// spoken checks that what is said is on spans and events only as captured,
// and as redacted, as the turn says.
func (c *court) spoken(s *span) {
	level := ""
	for p := s; p != nil && level == ""; p = p.parent {
		level = p.get("redaction.applied")
	}
	root := s
	for root.parent != nil && !root.is("a2a.orchestrate") {
		root = root.parent
	}
	if own := s.get("redaction.applied"); own != "" && root.is("a2a.orchestrate") {
		c.must(own == root.get("redaction.applied"), s, "redaction is another than the turn's")
	}
	c.must(c.content != "raw" || level == "" || level == "none", s, "redaction %s in a corpus that is all raw", level)
	c.must(c.content != "redacted" || level != "none", s, "no redaction in a corpus that is all redacted")
	capture, _ := s.attrs["*.llm.content.capture.enabled"].(bool)
	mask, _ := s.attrs["*.llm.content.redaction.enabled"].(bool)
	c.must(c.content != "none" || !capture && !mask, s, "captures content in a corpus without any")
	c.must(!mask || level == "basic" || level == "strict", s, "redacts, but redaction is %s", level)
	bags := []attributes{s.attrs}
	for _, e := range s.Events {
		a, _ := readAttributes(e.Attributes, c.prefix)
		bags = append(bags, a)
		if !s.is("llm.call") && c.content != "none" {
			capture, mask = true, level != "none" // only calls have the flags
		}
	}
	for _, bag := range bags {
		for k, v := range bag {
			text, _ := v.(string)
			clean := ids.ReplaceAllString(text, "") // ids of calls are nobody's
			switch {
			case isRaw.MatchString(k):
				c.seen["raw content"]++
				c.must(capture && !mask && level == "none", s, "%s, captured %t, masked %t, redaction %s", k, capture, mask, level)
				c.conversation(s, k, text)
			case isMasked.MatchString(k):
				c.seen["redacted content"]++
				c.must(capture && mask && (level == "basic" || level == "strict"), s, "%s, captured %t, masked %t, redaction %s", k, capture, mask, level)
				c.conversation(s, k, text)
				c.must(level != "strict" || !digit.MatchString(clean), s, "%s has a digit", k)
			}
			if (level == "basic" || level == "strict") && (isMasked.MatchString(k) || strings.Contains(text, "@")) {
				c.must(!personal.MatchString(clean), s, "%s has personal data", k)
			}
		}
	}
}

// conversation checks that messages are JSON of the shape of today.
func (c *court) conversation(s *span, key, text string) {
	if !strings.Contains(key, "gen_ai.") || strings.HasSuffix(key, "instructions") {
		return
	}
	wrong := shape(text)
	c.must(wrong == "", s, "%s are no messages: %s", key, wrong)
}
