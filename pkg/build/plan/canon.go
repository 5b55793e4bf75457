package plan

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// digest fills in the digests of the plan and its scenarios: SHA-256 over
// length-prefixed fields in a fixed order. Strings stand for themselves, not
// for their ids, so a scenario's digest does not depend on its neighbours.
func digest(p *Plan, eachOnce bool) {
	all := canon{strs: p.Strings, h: sha256.New()}
	all.str(p.Prefix)
	all.flag(eachOnce)
	c := canon{strs: p.Strings, h: sha256.New()}
	for _, s := range p.Scenarios {
		c.scenario(s)
		s.Digest = c.sum()
		all.str(s.Name)
		if !eachOnce {
			all.num(s.Weight)
		}
		all.str(s.Digest)
	}
	for _, s := range p.Shifts {
		all.num(uint64(s.From))
		all.num(uint64(s.To))
		for _, w := range s.Weights {
			all.num(w)
		}
	}
	if p.Arrivals != nil {
		all.str("arrivals")
		all.b = p.Arrivals.AppendCanonical(all.b)
	}
	p.Digest = all.sum()
}

// canon appends canonical forms, and hashes what gets long.
type canon struct {
	strs *otlp.Strings
	h    hash.Hash // nil: nothing is hashed
	b    []byte    // what is not hashed yet
	seen sharing   // of a scenario that is Deep: what is shared is written once; else nil
	long int       // how many bytes were hashed since the last sum
	sums map[*dist.Table][sha256.Size]byte
}

// canonBytes are hashed at a time: tables are long, and there are many.
const canonBytes = 32 << 10

// sum returns what was written since the last one.
func (c *canon) sum() string {
	c.h.Write(c.b)
	sum := c.h.Sum(nil)
	c.h.Reset()
	c.long = 0
	c.b = c.b[:0]
	return hex.EncodeToString(sum)
}

func (c *canon) num(v uint64) { c.b = binary.AppendUvarint(c.b, v) }

func (c *canon) str(s string) {
	c.num(uint64(len(s)))
	c.b = append(c.b, s...)
}

func (c *canon) id(id otlp.StringID) { c.str(c.strs.String(id)) }

// scenario leaves out the weight and the name: they decide when a scenario
// runs, not what it emits.
func (c *canon) scenario(s *Scenario) {
	if c.seen = nil; s.System != nil && s.System.Deep {
		c.seen = make(sharing)
	}
	c.num(uint64(len(s.Groups)))
	for i := range s.Groups {
		c.group(&s.Groups[i])
	}
	c.num(uint64(len(s.Flows)))
	for i := range s.Flows {
		c.flow(&s.Flows[i])
	}
	c.contents(s.Turns)
	c.contents(s.Samples)
	c.table(s.ThinkTime)
	c.num(uint64(len(s.Models)))
	for i := range s.Models {
		c.model(&s.Models[i])
	}
	c.num(uint64(s.Drawn))
	c.evaluations(s)
	c.loop(&s.Loop)
	c.tools(s.Tools)
	c.num(s.UserPool)
	c.failures(s.Failures)
	c.format(s.Session)
	c.format(s.Request)
	c.format(s.ToolCall)
	if s.System != nil {
		c.system(s)
	}
}

func (c *canon) flow(f *Flow) {
	c.num(uint64(len(f.Parts)))
	for i := range f.Parts {
		c.num(uint64(f.Parts[i].ID))
		c.node(&f.Parts[i].Root)
	}
	c.num(f.Selections)
}

func (c *canon) model(m *Model) {
	for _, id := range []otlp.StringID{m.Provider, m.Name, m.Response, m.Address} {
		c.id(id)
	}
	c.num(uint64(m.Port))
	c.table(m.Tokens.Prompt)
	c.table(m.Tokens.Output)
	c.num(m.Tokens.Cache)
	c.table(m.Tokens.Reasoning)
	c.table(m.FirstChunk)
	c.table(m.PerToken)
	c.table(m.Latency)
	c.format(m.Reply)
	c.num(uint64(len(m.Params)))
	for _, p := range m.Params {
		c.id(p.Key)
		c.value(p)
	}
}

func (c *canon) asks(a *Asks) {
	c.flag(a != nil)
	if a != nil {
		c.kinds(a.Models, a.Choice)
		c.num(a.Path)
	}
}

func (c *canon) group(g *Group) {
	c.attrs(g.Attrs)
	for _, id := range g.Instance {
		c.id(id)
	}
	c.id(g.SchemaURL)
	c.id(g.Scope.Name)
	c.id(g.Scope.Version)
}

func (c *canon) format(f IDFormat) {
	c.num(uint64(len(f)))
	for _, p := range f {
		c.str(p.Literal)
		c.num(uint64(p.Hex))
		c.flag(p.UUID)
		c.num(uint64(p.Word))
		if p.Digits > 0 || p.Value > 0 { // of systems alone
			c.num(uint64(p.Digits))
			c.num(uint64(p.Value))
		}
	}
}

func (c *canon) flag(v bool) {
	if v {
		c.num(1)
	} else {
		c.num(0)
	}
}

func (c *canon) node(n *Node) {
	c.names(n)
	c.num(uint64(n.Kind))
	c.num(uint64(n.Status))
	c.num(uint64(n.Group))
	c.num(uint64(n.Part))
	c.num(n.Path)
	c.b = n.Presence.AppendCanonical(c.b)
	c.flag(n.Count != nil)
	if n.Count != nil {
		c.table(n.Count.Table)
		c.num(uint64(n.Count.Min))
		c.num(uint64(n.Count.Max))
	}
	c.table(n.Latency)
	c.flag(n.Tool)
	c.flag(n.Attempt)
	c.flag(n.LLM)
	c.flag(n.Opens)
	c.flag(n.Forks)
	c.flag(n.Chooses)
	c.calls(n.Calls)
	c.told(n.Told)
	c.flag(n.Parallel)
	c.flag(n.Gate)
	c.flag(n.Serves)
	c.when(n.When)
	c.flag(n.Around)
	c.flag(n.Turn)
	c.flag(n.Remote)
	c.asks(n.Asks)
	c.num(uint64(n.Role))
	c.fail(n.Fail)
	c.retry(n.Retry)
	c.num(uint64(len(n.Effects)))
	for _, e := range n.Effects {
		c.num(uint64(e.From))
		c.num(uint64(e.To))
		c.num(e.Factor)
		c.fail(e.Fail)
	}
	c.attrs(n.Attrs)
	c.num(uint64(len(n.Events)))
	for i := range n.Events {
		c.id(n.Events[i].Name)
		c.flag(n.Events[i].Failed)
		c.attrs(n.Events[i].Attrs)
	}
	c.below(n)
	c.flag(n.OneOf != nil)
	if n.OneOf != nil {
		c.b = n.OneOf.AppendCanonical(c.b)
		c.by(n.By)
	}
	if n.Act != nil {
		c.act(n)
	}
}

func (c *canon) names(n *Node) {
	c.id(n.Name)
	if n.Names == nil {
		c.num(0)
		return
	}
	c.num(uint64(len(n.Names.All)))
	for _, x := range n.Names.All {
		c.id(x.Name)
		c.num(uint64(len(x.Values)))
		for _, v := range x.Values {
			c.id(v.Key)
			c.value(v)
		}
	}
}

func (c *canon) when(w *When) {
	c.flag(w != nil)
	if w != nil {
		c.num(w.From)
		c.num(w.To)
		c.flag(w.Others)
	}
}

func (c *canon) failures(list []Failure) {
	c.num(uint64(len(list)))
	for i := range list {
		f := &list[i]
		for _, id := range []otlp.StringID{f.Type, f.Category, f.Exception, f.Message, f.Stack, f.Reason} {
			c.id(id)
		}
		c.text(f.Response)
		c.num(uint64(len(f.Codes)))
		for _, code := range f.Codes {
			c.num(uint64(code))
		}
		c.flag(f.Unreached)
		c.flag(f.Late)
	}
}

func (c *canon) fail(f *Fail) {
	c.flag(f != nil)
	if f == nil {
		return
	}
	c.kinds(f.Kinds, f.Choice)
	c.num(f.From)
	c.num(f.To)
	for _, p := range []dist.Probability{f.Probability, f.FromParent, f.Siblings} {
		c.b = p.AppendCanonical(c.b)
	}
}

func (c *canon) kinds(list []uint32, choice *dist.Choice) {
	c.num(uint64(len(list)))
	for _, k := range list {
		c.num(uint64(k))
	}
	c.flag(choice != nil)
	if choice != nil {
		c.b = choice.AppendCanonical(c.b)
	}
}

func (c *canon) retry(r *Retry) {
	c.flag(r != nil)
	if r == nil {
		return
	}
	c.num(uint64(r.Max))
	c.flag(r.Forced)
	c.num(uint64(len(r.Success)))
	for _, p := range r.Success {
		c.b = p.AppendCanonical(c.b)
	}
	c.kinds(r.Kinds, r.Choice)
	c.num(uint64(len(r.Backoff)))
	for _, wait := range r.Backoff {
		c.num(uint64(wait))
	}
	c.table(r.Jitter)
	if r.Failing != nil {
		c.str("ways")
		c.b = r.Succeeding.AppendCanonical(r.Failing.AppendCanonical(c.b))
	}
}

func (c *canon) attrs(list []Attr) {
	c.num(uint64(len(list)))
	for i := range list {
		a := &list[i]
		c.id(a.Key)
		c.num(uint64(a.Op))
		c.num(a.Path)
		c.str(a.Prefix)
		switch a.Op {
		case OpConst, OpUnlessFailed, OpIfFailed, OpIfCaptured, OpIfRaw, OpIfStreaming:
			c.value(a.Attr)
		default:
			c.num(a.Word)
		}
		c.num(uint64(len(a.Values)))
		for _, v := range a.Values {
			c.value(v)
		}
		c.flag(a.Choice != nil)
		if a.Choice != nil {
			c.b = a.Choice.AppendCanonical(c.b)
		}
		c.by(a.By)
		c.table(a.Table)
		if a.Form != nil {
			c.form(a.Form)
		}
		if a.Present != nil {
			c.str("present")
			c.b = a.Present.AppendCanonical(c.b)
		}
	}
}

// value writes a constant.
func (c *canon) value(a otlp.Attr) {
	c.num(uint64(a.Kind))
	if a.Kind == otlp.KindString || a.Kind == otlp.KindArray {
		c.id(otlp.StringID(a.Word))
		return
	}
	c.num(a.Word)
}
