package plan

import (
	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Evaluation is a judgement of spans that did what they should.
type Evaluation struct {
	Name        otlp.StringID
	Of          string // class of the spans; "": the model call that answers, else the agent
	Probability dist.Probability
	Score       *dist.Table // millionths
	Labels      []Label     // by falling From; at least one
	Path        uint64      // names it, for streams
}

// Label is what scores from From on, in millionths, are called; 0: nothing.
type Label struct {
	From         int64
	Name         otlp.StringID
	Explanations []otlp.StringID // as captured; one is drawn
}

// Label returns the label of a score.
func (e *Evaluation) Label(score int64) *Label {
	for i := range e.Labels {
		if score >= e.Labels[i].From {
			return &e.Labels[i]
		}
	}
	return &e.Labels[len(e.Labels)-1]
}

// Judgement are the keys and the name of records of evaluations.
type Judgement struct{ Event, Name, Score, Label, Explanation otlp.StringID }

func (c *compiler) judgement() Judgement {
	id := c.strs.ID
	return Judgement{
		Event: id("gen_ai.evaluation.result"), Name: id("gen_ai.evaluation.name"), Score: id("gen_ai.evaluation.score.value"),
		Label: id("gen_ai.evaluation.score.label"), Explanation: id("gen_ai.evaluation.explanation"),
	}
}

// evaluations compiles the evaluations of the scenario.
func (b *builder) evaluations() {
	for i := range b.def.Evaluations {
		e := &b.def.Evaluations[i]
		b.sameScale(e)
		out := Evaluation{Name: b.strs.ID(e.Name), Of: e.Of, Path: hashOf("evaluation " + e.Name)}
		var err error
		if out.Probability, err = dist.NewProbability(e.Probability); err != nil {
			b.problems.Errorf(e.Pos, "evaluation %s: probability: %v", input.Quote(e.Name), err)
		}
		out.Score = b.amount(e.Score, million, nil, e.Pos)
		for _, l := range e.Labels {
			out.Labels = append(out.Labels, Label{
				From: int64(float64(l.From*million) + 0.5), Name: b.strs.ID(l.Name), Explanations: b.explained(l.Explanations),
			})
		}
		if n := len(e.Labels); n == 0 || e.Labels[n-1].From > 0 { // what is below all labels has none
			out.Labels = append(out.Labels, Label{Explanations: b.explained(e.Explanations)})
		}
		if b.out.Judges(&out) {
			b.out.Evaluations = append(b.out.Evaluations, out)
		} else {
			b.problems.Warnf(e.Pos, "evaluation %s: has no effect: the scenario has no such span", input.Quote(e.Name))
		}
	}
}

// sameScale checks that an evaluation calls scores the same in every scenario: who
// reads its results knows its name alone.
func (b *builder) sameScale(e *scenario.Evaluation) {
	before, ok := b.scales[e.Name]
	if !ok {
		b.scales[e.Name] = e
		return
	}
	same := len(before.Labels) == len(e.Labels)
	for i := 0; same && i < len(e.Labels); i++ {
		same = before.Labels[i].Name == e.Labels[i].Name && before.Labels[i].From == e.Labels[i].From
	}
	if !same {
		b.problems.Errorf(e.Pos, "evaluation %s: its labels are not those that it has at %s", input.Quote(e.Name), before.Pos)
	}
}

// explained compiles explanations, as content is captured.
func (b *builder) explained(texts []string) (out []otlp.StringID) {
	if !b.captures() {
		return nil
	}
	for _, s := range texts {
		for _, m := range masks {
			if m.level == b.redaction() {
				out = append(out, b.strs.ID(b.masked(m.level, s, m.of)))
			}
		}
	}
	return out
}

// Judges reports whether spans of the scenario may be judged by an evaluation.
func (s *Scenario) Judges(e *Evaluation) bool {
	for p := range s.Parts() {
		if judgesBelow(&p.Root, e) {
			return true
		}
	}
	return false
}

func judgesBelow(n *Node, e *Evaluation) bool {
	if n.mayBeJudged(e) {
		return true
	}
	for i := range n.Children {
		if judgesBelow(&n.Children[i], e) {
			return true
		}
	}
	return false
}

// mayBeJudged reports whether an evaluation is about spans of a node.
func (n *Node) mayBeJudged(e *Evaluation) bool {
	if e.Of != "" {
		return n.Class == e.Of
	}
	return n.LLM || n.Class == vocab.Orchestrate
}

func (c *canon) evaluations(s *Scenario) {
	c.num(uint64(len(s.Evaluations)))
	for i := range s.Evaluations {
		e := &s.Evaluations[i]
		c.id(e.Name)
		c.str(e.Of)
		c.b = e.Probability.AppendCanonical(c.b)
		c.table(e.Score)
		c.num(e.Path)
		c.num(uint64(len(e.Labels)))
		for _, l := range e.Labels {
			c.num(uint64(l.From))
			c.id(l.Name)
			c.num(uint64(len(l.Explanations)))
			for _, id := range l.Explanations {
				c.id(id)
			}
		}
	}
}

// judged is the length of the longest records that tell of evaluations of a node.
func (z *sizer) judged(n *Node) int {
	sum := 0
	for i := range z.b.out.Evaluations {
		e := &z.b.out.Evaluations[i]
		if !n.mayBeJudged(e) {
			continue
		}
		longest := 0
		for _, l := range e.Labels {
			for _, id := range l.Explanations {
				longest = max(longest, z.text(id))
			}
			longest = max(longest, z.text(l.Name))
		}
		sum += 16*overhead + 2*longest + 2*z.text(e.Name)
	}
	return sum
}
