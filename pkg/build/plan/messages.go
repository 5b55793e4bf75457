package plan

import (
	"encoding/json"

	"github.com/otelsim/otelsim/pkg/build/redact"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Text is a piece of the messages of model calls, in the JSON that the
// OpenTelemetry GenAI conventions give them. Messages are put together of such
// pieces and of ids.
type Text struct {
	JSON   otlp.StringID // as captured: as it was said, or redacted; 0: not at all
	Tokens int64         // of what is said in it
	Size   int64         // bytes of the longest of its forms, captured or not
}

// mask is a way to redact a text.
type mask func(string) string

// masks are the levels of redaction.
var masks = []struct {
	level string
	of    mask
}{
	{"none", func(s string) string { return s }},
	{"basic", redact.Basic},
	{"strict", redact.Strict},
}

// say compiles a piece that has been said so many tokens in. Its size does not
// depend on how it is captured, and so neither does anything that follows from
// it.
func (b *builder) say(tokens int64, write func(hide mask) string) Text {
	t := Text{Tokens: tokens}
	for _, m := range masks {
		s := write(func(s string) string { return b.masked(m.level, s, m.of) })
		t.Size = max(t.Size, int64(len(s)))
		if b.captures() && b.redaction() == m.level {
			t.JSON = b.strs.ID(s)
		}
	}
	return t
}

// masked remembers what a text is redacted to: many scenarios say the same.
func (c *compiler) masked(level, s string, hide mask) string {
	if level == "none" {
		return s
	}
	key := maskedText{level, s}
	out, ok := c.redacted[key]
	if !ok {
		out = hide(s)
		c.redacted[key] = out
	}
	return out
}

type maskedText struct{ level, text string }

// captures reports whether spans say anything of conversations.
func (b *builder) captures() bool { return b.content != "none" }

// message is a message with one part of text.
func (b *builder) message(role, text string) Text {
	return b.say(tokens(text), func(hide mask) string {
		return `{"role":"` + role + `","parts":[{"type":"text","content":` + quoted(hide(text)) + `}]}`
	})
}

// compaction is the message that stands for those before it.
func (b *builder) compaction() Text {
	const text = "The conversation before this, in short."
	return b.say(tokens(text), func(hide mask) string {
		return `{"role":"assistant","parts":[{"type":"compaction","content":` + quoted(hide(text)) + `}]}`
	})
}

// failed is the message to a model that a tool has failed, after the id.
func (b *builder) failed(kind, message string) Text {
	return b.say(tokens(kind)+tokens(message), func(hide mask) string {
		return `,"response":{"error":` + quoted(kind) + `,"message":` + quoted(hide(message)) + `}}]}`
	})
}

// shown is a JSON text as it is captured, 0 when it is not.
func (b *builder) shown(s string) otlp.StringID {
	if !b.captures() {
		return 0
	}
	return b.strs.ID(maskedJSON(s, b.hide()))
}

// hide redacts as the scenario does.
func (b *builder) hide() mask {
	level := b.redaction()
	for _, m := range masks {
		if m.level == level {
			return func(s string) string { return b.masked(level, s, m.of) }
		}
	}
	return nil // levels are checked when they are read
}

func quoted(s string) string { return string(otlp.AppendJSONString(nil, s)) }

// maskedJSON redacts the strings of a JSON text, but not its names, and its
// numbers. A number that is hidden becomes a string.
func maskedJSON(s string, hide mask) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		end := tokenEnd(s, i)
		token := s[i:end]
		name := end < len(s) && s[end] == ':'
		switch c := token[0]; {
		case c == '"' && !name:
			var text string
			if err := json.Unmarshal([]byte(token), &text); err == nil {
				token = quoted(hide(text))
			}
		case c == '-' || c >= '0' && c <= '9':
			if h := hide(token); h != token {
				token = quoted(h)
			}
		}
		out = append(out, token...)
		i = end
	}
	return string(out)
}

// tokenEnd is where the token of a JSON text without blanks ends that begins at i.
func tokenEnd(s string, i int) int {
	first := s[i]
	for k := i + 1; k < len(s); k++ {
		switch c := s[k]; {
		case first == '"' && c == '\\':
			k++
		case first == '"' && c == '"':
			return k + 1
		case first == '"':
		case first == '{' || first == '}' || first == '[' || first == ']' || first == ',' || first == ':':
			return k
		case c == ',' || c == '}' || c == ']':
			return k
		}
	}
	return len(s)
}
