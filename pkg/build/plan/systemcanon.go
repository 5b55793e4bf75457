package plan

import "github.com/otelsim/otelsim/pkg/build/dist"

// The canonical forms of what only systems have. They are written where there are
// any, so that those of other scenarios are what they were.

func (c *canon) system(s *Scenario) {
	for i := range s.Groups {
		c.str(s.Groups[i].Name)
		c.num(uint64(s.Groups[i].Count))
		c.flag(s.Groups[i].Sticky)
		if s.Groups[i].Anonymous {
			c.str("anonymous")
		}
		c.tells(&s.Groups[i].Tells)
	}
	c.num(uint64(len(s.System.Causes)))
	for i := range s.System.Causes {
		x := &s.System.Causes[i]
		c.id(x.Type)
		c.id(x.Exception)
		c.id(x.Message)
		c.id(x.Stack)
		c.num(uint64(x.HTTP))
		c.id(x.Code)
		c.flag(x.Quiet)
		c.flag(x.Unreached)
		c.flag(x.Late)
		c.num(uint64(x.Caller))
		if s.System.Turns == nil {
			c.num(uint64(x.Tool))
		}
		for _, f := range x.Fails {
			c.num(uint64(f))
		}
	}
	c.values(s.System.Values)
	c.inStep(s.System.InStep)
	for _, agent := range s.System.Agents {
		c.str("agent")
		c.scenario(agent)
	}
	c.num(uint64(len(s.System.Turns)))
	for _, t := range s.System.Turns {
		c.num(uint64(t.Item))
		c.num(uint64(t.Number))
		c.b = t.Presence.AppendCanonical(c.b)
		c.flag(t.Count != nil)
		if t.Count != nil {
			c.table(t.Count.Table)
			c.num(uint64(t.Count.Min))
			c.num(uint64(t.Count.Max))
		}
		if s.System.Visits != nil {
			c.num(uint64(t.Visit))
		}
		if t.Continues || t.Linked {
			c.str("before")
			c.flag(t.Continues)
			c.flag(t.Linked)
		}
	}
	if s.System.Visits != nil {
		c.b = s.System.Visits.AppendCanonical(c.b)
	}
}

func (c *canon) inStep(p dist.Probability) {
	if !p.Never() {
		c.str("in step")
		c.b = p.AppendCanonical(c.b)
	}
}

func (c *canon) values(values []Value) {
	c.num(uint64(len(values)))
	for i := range values {
		c.attrs([]Attr{values[i].Attr})
		c.flag(values[i].OfSession)
		if values[i].OfSpan {
			c.str("of span")
		}
	}
}

// below is the canonical form of what is below a node: its number, where that has been
// written and goes on being shared.
func (c *canon) below(n *Node) {
	c.num(uint64(len(n.Children)))
	if c.seen != nil {
		number, again := c.seen.again(n.Children)
		if c.flag(again); again {
			c.num(number)
			return
		}
	}
	for i := range n.Children {
		c.node(&n.Children[i])
	}
}

// usualLead is Act.Lead of what says none.
const usualLead = 100_000

func (c *canon) act(n *Node) {
	a := n.Act
	c.num(uint64(a.Role))
	c.num(uint64(a.Protocol))
	c.id(a.Status)
	for _, v := range []bool{a.Own, a.Optional, a.IfFailed, a.Async, a.After, a.Apart} {
		c.flag(v)
	}
	if a.Role == RoleWork && a.Lead != usualLead {
		c.str("lead")
		c.num(a.Lead)
	}
	c.table(a.Timeout)
	c.table(a.Network)
	c.num(uint64(a.Cut))
	c.num(uint64(len(a.Again)))
	for _, k := range a.Again {
		c.num(uint64(k))
	}
	c.table(a.Queue)
	c.num(uint64(a.Batch))
	if a.Delay != nil {
		c.str("delay")
		c.table(a.Delay)
	}
	if a.Role == RoleAgent {
		c.num(uint64(a.Agent))
		c.num(uint64(a.Fault))
	}
	c.num(a.Capacity)
	if a.Drawn > 0 {
		c.num(a.Drawn)
		c.flag(a.OfCall)
	}
	if a.Plain() {
		c.str(a.Type)
	}
	if a.Measured != "" {
		c.str(a.Measured)
	}
	c.silent(a)
	c.num(uint64(len(a.Lines)))
	for i := range a.Lines {
		c.line(&a.Lines[i])
	}
	for i := range n.Events {
		c.flag(n.Events[i].OK)
		c.flag(n.Events[i].Own)
		c.times(n.Events[i].Times)
	}
}

// silent writes that failures tell of no exception, which they do otherwise.
func (c *canon) silent(a *Act) {
	if a.Silent {
		c.str("silent")
	}
}

func (c *canon) form(f *Form) {
	c.format(f.Pieces)
	c.num(f.Pool)
	c.table(f.Rank)
	c.num(f.Path)
	if f.Length != nil {
		c.str("length")
		c.table(f.Length)
	}
}

func (c *canon) line(l *Line) {
	c.flag(l.OK)
	c.flag(l.Failed)
	c.flag(l.Start)
	c.num(uint64(l.Severity))
	c.id(l.Event)
	c.num(uint64(len(l.Body)))
	for _, p := range l.Body {
		c.str(p.Literal)
		c.id(p.Key)
	}
	c.attrs(l.Attrs)
	c.times(l.Times)
}

func (c *canon) times(t *Times) {
	if t == nil {
		return
	}
	c.str("times")
	c.b = t.Presence.AppendCanonical(c.b)
	if t.Count != nil {
		c.table(t.Count.Table)
		c.num(uint64(t.Count.Min))
		c.num(uint64(t.Count.Max))
	}
}
