package scenario

import "github.com/otelsim/otelsim/pkg/build/input"

// conversation reads the turns of a scenario, in either form: exchanges
// (user_input, llm_response), or messages (role, text) that alternate.
func (l *loader) conversation(m input.Map, d *Definition) {
	d.History, d.CompactAt = HistoryCall, MaxMessages
	section, ok := m.Map("conversation", conversationKeys...)
	if !ok {
		return
	}
	d.ThinkTime = l.latency(section.Get("think_time"))
	d.History = section.OneOf("history", HistoryCall, histories...)
	d.CompactAt = section.Int("compact_at", MaxMessages, minMessages, MaxMessages)
	if n := section.Get("result_tokens"); n != nil {
		d.ResultTokens = l.distribution(n, domain{0, maxResultTokens})
	}
	items := section.List("turns")
	if len(items) == 0 {
		n := section.Get("turns")
		if n == nil && (section.Get("compact_at") != nil || section.Get("result_tokens") != nil) {
			return // they are about the samples of a workflow, too
		}
		if n == nil || n.Kind == input.List {
			section.Fail("turns", "no turns; a conversation needs at least one")
		}
		return
	}
	if messages(items) {
		d.Turns = l.messages(items)
	} else {
		for _, item := range items {
			if t, ok := item.Map(l.p, turnKeys...); ok {
				turn := l.exchange(t)
				turn.Steps = l.turnSteps(t)
				d.Turns = append(d.Turns, turn)
			}
		}
	}
	if section.Get("history") != nil && len(d.Turns) < 2 && d.History == HistoryFull {
		section.Warn("history", "has no effect without a second turn")
	}
}

// maxResultTokens bounds what an answer of a tool takes.
const maxResultTokens = 1e7

// minMessages is the least that messages are cut to, in bytes.
const minMessages = 1 << 10

// exchange reads what is said, and the calls that it asks for.
func (l *loader) exchange(m input.Map) Sample {
	return Sample{User: l.said(m, "user_input"), Assistant: l.said(m, "llm_response"), Tools: l.saidCalls(m)}
}

// maxSaid is how long a text can be that somebody says, in bytes: both texts of
// an exchange, with all that JSON makes of them, are in one span, which has to
// fit in a record.
const maxSaid = 64 << 10

// said reads what somebody says.
func (l *loader) said(m input.Map, key string) string {
	s := m.Need(key)
	if len(s) > maxSaid {
		m.Fail(key, "text of %d bytes is longer than the limit of %d", len(s), maxSaid)
		return ""
	}
	return s
}

// messages reports whether turns are written as messages: by the first item
// that shows it.
func messages(items []*input.Node) bool {
	var none input.Problems
	for _, item := range items {
		m, _ := item.Map(&none)
		if m.Has("user_input") || m.Has("llm_response") {
			return false
		}
		if m.Has("role") || m.Has("text") {
			return true
		}
	}
	return false
}

func (l *loader) messages(items []*input.Node) []Sample {
	var out []Sample
	roles := []string{"user", "assistant"}
	for i, item := range items {
		m, ok := item.Map(l.p, messageKeys...)
		if !ok {
			continue
		}
		want := roles[i%2]
		if m.Get("role") == nil {
			m.Fail("role", "missing")
		} else if role := m.OneOf("role", "", roles...); role != "" && role != want {
			m.Fail("role", "found %q, want %q: messages alternate, user first", role, want)
		}
		text := l.said(m, "text")
		if want == "user" {
			out = append(out, Sample{User: text, Tools: l.saidCalls(m), Steps: l.turnSteps(m)})
			continue
		}
		if len(out) > 0 {
			out[len(out)-1].Assistant = text
		}
		for _, key := range []string{"tools", "workflow", "steps"} {
			if m.Get(key) != nil {
				m.Fail(key, "belongs to the message of the user, which begins the turn")
			}
		}
	}
	if len(items)%2 == 1 {
		items[len(items)-1].Fail(l.p, "a user message without an answer")
	}
	return out
}
