package plan

import (
	"math"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/redact"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// exchanges compiles what the user and the assistant say: the scenario's turns,
// else the samples of its workflow, else the default samples. A request that
// is turned away says none of it.
func (b *builder) exchanges() {
	spoken := b.out.Has(ids.PartOrchestration)
	if spoken {
		b.out.Models = b.models()
		b.out.Drawn = len(b.out.Models)
	}
	for _, t := range b.def.Turns {
		if !spoken {
			t = scenario.Sample{}
		}
		b.out.Turns = append(b.out.Turns, b.exchange(t))
	}
	if len(b.def.Turns) > 1 {
		spec := dist.Spec{Kind: dist.LogNormal, Median: 8000, Sigma: 0.6}
		if b.def.ThinkTime != nil {
			spec = *b.def.ThinkTime
		}
		b.out.ThinkTime = b.latency(&spec, 0, b.def.Pos)
	}
	if len(b.def.Turns) > 0 || !spoken {
		return
	}
	workflow := b.def.Workflow
	if b.def.Steps == nil && (b.def.Root == nil || isStub(b.def.Root)) {
		workflow = b.cfg.ControlPlane.DefaultWorkflow
	}
	for _, key := range []string{workflow, "default"} {
		for _, set := range b.cfg.Samples {
			if key == "" || set.Workflow != key {
				continue
			}
			for _, s := range set.Samples {
				b.out.Samples = append(b.out.Samples, b.exchange(s))
			}
			return
		}
	}
}

// redaction is the level of redaction of the scenario's content, as the option
// has it: forced to raw or, at least, to redacted.
func (b *builder) redaction() string {
	switch {
	case b.content == "raw":
		return "none"
	case b.content == "redacted" && b.def.Redaction == "none":
		return "basic"
	}
	return b.def.Redaction
}

// exchange compiles one exchange: as it was said, or redacted, never both.
func (b *builder) exchange(s scenario.Sample) Content {
	c := Content{InputTokens: tokens(s.User), OutputTokens: tokens(s.Assistant)}
	if b.content == "none" || s.User == "" && s.Assistant == "" {
		return c
	}
	hide := map[string]func(string) string{"basic": redact.Basic, "strict": redact.Strict}[b.redaction()]
	if hide == nil {
		c.Input = b.strs.ID(message("user", s.User, ""))
		c.Output = b.strs.ID(message("assistant", s.Assistant, "stop"))
		return c
	}
	c.RedactedIn = b.strs.ID(message("user", hide(s.User), ""))
	c.RedactedOut = b.strs.ID(message("assistant", hide(s.Assistant), "stop"))
	return c
}

// message is one message as JSON, in the shape that the OpenTelemetry GenAI
// conventions give gen_ai.input.messages and gen_ai.output.messages.
func message(role, text, finish string) string {
	dst := []byte(`[{"role":"` + role + `","parts":[{"type":"text","content":`)
	dst = otlp.AppendJSONString(dst, text)
	dst = append(dst, `}]`...)
	if finish != "" {
		dst = append(dst, `,"finish_reason":"`+finish+`"`...)
	}
	return string(append(dst, `}]`...))
}

// tokens estimates the tokens of a text: one for every four bytes.
func tokens(s string) int64 { return int64(len(s)+3) / 4 }

func doubleBits(v float64) uint64 { return math.Float64bits(v) }
