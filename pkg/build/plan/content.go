package plan

import (
	"math"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Content is one exchange: what the user says and what the agent answers in the
// end.
type Content struct {
	User, Answer Text          // messages
	Answers      otlp.StringID // those of the output that answers
	Asked        Text          // what another agent is told that the agent calls
	Calls        []SaidCall
	Flow         int // of a turn: what it goes through, an index into Scenario.Flows
}

// Told is what an agent is told by another one and what it reports.
type Told struct {
	Task, Report Text // messages
	Reports      otlp.StringID
}

// exchanges compiles what the user and the assistant say: the scenario's turns,
// else the samples of its workflow, else the default samples. A request that
// is turned away says none of it.
func (b *builder) exchanges() {
	spoken := b.out.Has(ids.PartOrchestration)
	if spoken {
		b.between()
	} else {
		b.out.Models, b.out.Drawn = nil, 0
	}
	for i, t := range b.def.Turns {
		if !spoken {
			t = scenario.Sample{}
		}
		c := b.exchange(t)
		c.Flow = b.flowOfTurn[i]
		b.out.Turns = append(b.out.Turns, c)
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
	if s.User == "" && s.Assistant == "" {
		return Content{}
	}
	c := Content{
		User: b.message("user", s.User), Answer: b.message("assistant", s.Assistant),
		Asked: b.message("user", "A user needs help with this, do your part of it: "+s.User),
	}
	c.Answers = b.alone(c.Answer)
	for _, t := range s.Tools {
		of := b.toolSays(t.Tool)
		c.Calls = append(c.Calls, SaidCall{Of: of, By: b.addTool(t.Tool, t.Samples)})
	}
	return c
}

// told compiles what an agent is told by another one.
func (b *builder) told(s *scenario.Sample) *Told {
	if s == nil {
		return nil
	}
	out := Told{Task: b.message("user", s.User), Report: b.message("assistant", s.Assistant)}
	out.Reports = b.alone(out.Report)
	return &out
}

// between compiles what a scenario's agents say on the way.
func (b *builder) between() {
	o := &b.out.Loop
	o.Thought = b.message("assistant", "One moment, I am looking into that.")
	o.Thoughts = b.alone(o.Thought)
	o.Report = b.message("assistant", "My part of it is done.")
	o.Reports = b.alone(o.Report)
	o.Apology = b.message("assistant", "I'm sorry, that did not work: something that I need for it has failed. Please try again later.")
	o.Apologies = b.alone(o.Apology)
	o.Compaction = b.compaction()
	o.CompactAt, o.Full = b.def.CompactAt, b.def.History == scenario.HistoryFull
	if s := b.def.ResultTokens; s != nil {
		t, err := b.table(*s, 1, 0)
		if err != nil {
			b.problems.Errorf(b.def.Pos, "conversation: result_tokens: %v", err)
		}
		o.ResultTokens = t
		if !b.out.chooses() {
			b.problems.Warnf(b.def.Pos, "scenario %s: conversation.result_tokens has no effect: no model call gets what a tool returned", b.def.Name)
		}
	}
	o.Redacted = b.captures() && b.redaction() != "none"
}

// alone is a list of one message as captured.
func (b *builder) alone(t Text) otlp.StringID {
	if t.JSON == 0 {
		return 0
	}
	return b.strs.ID("[" + b.strs.String(t.JSON) + "]")
}

// tokens estimates the tokens of a text: one for every four bytes.
func tokens(s string) int64 { return int64(len(s)+3) / 4 }

func doubleBits(v float64) uint64 { return math.Float64bits(v) }
