package conform

import (
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// eventRule is what is known of a span event.
type eventRule struct {
	name     string   // canonical
	on       class    // the only type of span that has it; otherClass: any
	required []string // canonical
}

// The events, of which two matter to other rules.
const (
	eventException = 0
	eventInvalid   = 1
)

var eventRules = []eventRule{
	eventException: {name: "exception", required: []string{"exception.type", "exception.message"}},
	eventInvalid: {"*.validation.error", classPayload,
		[]string{"*.validation.error.path", "*.validation.error.rule", "*.validation.error.code"}},
	{"*.planning.result", classPlanner, []string{"*.planning.tasks"}},
	{"*.retrieval.summary", classAugment, []string{"*.retrieval.hit_count"}},
	{"*.tools.recommended", classRecommend, []string{"*.tools.list", "*.tools.count"}},
	{"*.agent.tool_selection", classRecommend, []string{"*.agent.tool_selection.tool.plan"}},
	{"gen_ai.turn", classLLM, []string{"gen_ai.turn.index", "gen_ai.turn.role"}},
	{"gen_ai.tool.request", classLLM, []string{"gen_ai.tool.name", "gen_ai.tool.call.id"}},
	{"gen_ai.tool.response", classLLM, []string{"gen_ai.tool.name", "gen_ai.tool.call.id"}},
	{"gen_ai.client.inference.operation.details", classLLM, nil},
}

// events judges the events of a span.
func (k *Checker) events(i int) {
	r := &k.record
	s, x := &r.t.Spans[i], &r.spans[i]
	for n := s.Events.Start; n < s.Events.End; n++ {
		e := &r.t.Events[n]
		var slots [numSlots]int32
		k.attributes(i, e.Attrs, x.rules, &slots)
		k.event(i, e)
		if e.Time < s.Start || e.Time > s.End {
			k.fail(i, "event-time", "event %s is outside of the span", k.strings.String(e.Name))
		}
		if hits, results := slots[slotHits], x.slots[slotResults]; hits > 0 && results > 0 && r.t.Attrs[hits-1].Word != r.t.Attrs[results-1].Word {
			k.fail(i, "event-value", "the event counts %s hits, and the span %s", quoted(r.t, &r.t.Attrs[hits-1]), quoted(r.t, &r.t.Attrs[results-1]))
		}
		k.captured(i, slots)
	}
}

// event judges the name of an event and what it must carry. The latest list of
// attributes is that of the event.
func (k *Checker) event(i int, e *otlp.Event) {
	key := k.key(e.Name)
	x := &k.record.spans[i]
	for n := range eventRules {
		rule := &eventRules[n]
		if k.number(rule.name) != key.number {
			continue
		}
		switch n {
		case eventException:
			x.exception = true
		case eventInvalid:
			x.invalid = true
		}
		k.spelling(i, "event", key)
		if rule.on != otherClass && rule.on != x.rules.class {
			k.fail(i, "event-span", "event %s on a span of type %s", key.name, x.rules.bare)
			return
		}
		for _, name := range rule.required {
			number := k.number(name)
			if number >= len(k.record.seen) || k.record.seen[number] != k.record.list {
				k.fail(i, "event-missing", "event %s lacks %s", key.name, k.emitted(name))
			}
		}
		return
	}
	k.spelling(i, "event", key)
	if key.spelt {
		k.fail(i, "event-unknown", "event %s is not defined", key.name)
	}
}

// captured judges the words of a conversation on an event by what its span
// says of them.
func (k *Checker) captured(i int, slots [numSlots]int32) {
	r := &k.record
	raw := slots[slotRaw] > 0
	if raw && oneOf(r.word(i, slotRedaction), "basic", "strict") {
		k.fail(i, "content-raw", "an event has the words of the user, and redaction.applied is %q", r.word(i, slotRedaction))
	}
	messages := slots[slotInput] > 0 || slots[slotOutput] > 0
	if messages && !r.flag(i, slotCapture) {
		k.fail(i, "content-capture", "an event has messages, and capture is not enabled")
	}
}

// content judges what a span says of a conversation.
func (k *Checker) content(i int) {
	r := &k.record
	raw := r.has(i, slotInput) || r.has(i, slotOutput) || r.has(i, slotInstructions)
	redacted := r.has(i, slotInputRedacted) || r.has(i, slotOutputRedacted)
	switch {
	case k.Content == "none" && (raw || redacted || r.flag(i, slotCapture)):
		k.fail(i, "content-option", "messages, or their capture, on a span of a corpus without content")
	case k.Content == "raw" && redacted, k.Content == "redacted" && raw:
		k.fail(i, "content-option", "messages that are not %s on a span of a corpus whose content is", k.Content)
	}
	if !raw && !redacted {
		return
	}
	level := r.word(i, slotRedaction)
	switch {
	case !r.flag(i, slotCapture):
		k.fail(i, "content-capture", "messages on the span, and capture is not enabled")
	case redacted && !r.flag(i, slotRedacting):
		k.fail(i, "content-redacted", "redacted messages on the span, and redaction is not enabled")
	case raw && (r.flag(i, slotRedacting) || oneOf(level, "basic", "strict")):
		k.fail(i, "content-raw", "messages on the span as they were said, and redaction.applied is %q", level)
	}
	if k.Lenient && k.older {
		return // what messages are was another thing then
	}
	k.offered(i)
	x := &r.spans[i]
	x.in = k.said(i, slotInput, slotInputRedacted)
	x.out = k.said(i, slotOutput, slotOutputRedacted)
	if x.failed && x.out.known {
		k.fail(i, "answer-failed", "the call failed, and the model has said something")
	}
}

// said reads the messages that an attribute holds, or its redacted form.
func (k *Checker) said(i int, raw, redacted slot) (m messageRange) {
	r := &k.record
	for _, s := range [...]slot{redacted, raw} {
		text, ok := r.speech.bytesOf(r.t, r.attr(i, s))
		if !ok {
			continue
		}
		list, err := r.speech.read(text)
		if err != nil {
			k.fail(i, "messages", "%s: %s", k.emitted(k.slots[s]), err)
			continue
		}
		m = list
	}
	return m
}
