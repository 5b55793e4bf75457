package plan

// contents, and what follows, is what is said in canonical form.
func (c *canon) contents(list []Content) {
	c.num(uint64(len(list)))
	for i := range list {
		x := &list[i]
		for _, t := range []Text{x.User, x.Answer, x.Asked} {
			c.text(t)
		}
		c.num(uint64(x.Flow))
		c.num(uint64(len(x.Calls)))
		for _, call := range x.Calls {
			c.num(uint64(call.Of))
			c.num(uint64(call.By))
		}
	}
}

func (c *canon) text(t Text) {
	c.id(t.JSON)
	c.num(uint64(t.Tokens))
	c.num(uint64(t.Size))
}

func (c *canon) loop(l *Loop) {
	c.flag(l.Redacted)
	c.flag(l.Full)
	c.num(uint64(l.CompactAt))
	c.text(l.Thought)
	c.text(l.Apology)
	c.text(l.Report)
	c.text(l.Compaction)
	c.table(l.ResultTokens)
}

func (c *canon) tools(list []Tool) {
	c.num(uint64(len(list)))
	for i := range list {
		c.num(uint64(len(list[i].Samples)))
		for k := range list[i].Samples {
			s := &list[i].Samples[k]
			c.id(s.Arguments)
			c.id(s.Result)
			c.text(s.Call)
			c.text(s.Response)
		}
	}
}

func (c *canon) told(t *Told) {
	c.flag(t != nil)
	if t != nil {
		c.text(t.Task)
		c.text(t.Report)
	}
}

func (c *canon) calls(x *Calls) {
	c.flag(x != nil)
	if x != nil {
		c.kinds(x.Tools, x.Choice)
		c.num(x.Path)
	}
}
