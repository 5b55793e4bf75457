package scenario

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
)

// callForms are the keys that say what a call is, one of them each.
var callForms = []string{"call", "agent", "one_of", "span", "all"}

// calls reads a list of calls, or one.
func (r *members) calls(m input.Map, key string) []Call {
	n := m.Get(key)
	if n == nil {
		return nil
	}
	items, _ := n.Items(r.p, input.String, input.Mapping)
	var out []Call
	for i, item := range items {
		c, ok := r.call(item)
		if !ok {
			continue
		}
		if c.IfFailed && i == 0 {
			m, _ := item.Map(r.p)
			m.Fail("if_failed", "nothing comes before it")
		}
		out = append(out, c)
	}
	return out
}

// call reads one thing that an operation does: the name of another, or a mapping.
func (r *members) call(n *input.Node) (Call, bool) {
	out := Call{Pos: n.Pos, Probability: 1, Batch: 1}
	if n.Kind == input.String {
		ref, ok := r.target(n)
		if ok {
			out.To = []OperationRef{ref}
			r.usualTimes(&out)
		}
		return out, ok
	}
	m, form := r.form(n)
	if form == "" {
		return out, false
	}
	return r.formed(n, m, form, out)
}

// form finds which kind of call a mapping is; "" when it is none.
func (r *members) form(n *input.Node) (input.Map, string) {
	if n.Kind != input.Mapping {
		n.Fail(r.p, "found %s, want SERVICE.OPERATION or a mapping", n.Describe())
		return input.Map{}, ""
	}
	m, _ := n.Map(r.p)
	var forms []string
	for _, e := range m.Entries() {
		if slices.Contains(callForms, e.Key) {
			forms = append(forms, e.Key)
		}
	}
	switch len(forms) {
	case 1:
		return m, forms[0]
	case 0:
		before := r.p.Found()
		if r.keyed(m) {
			break
		}
		n.Map(r.p, slices.Concat(callKeys, agentCallKeys, eitherKeys, groupKeys, innerKeys, weightKeys)...)
		if r.p.Found() == before {
			n.Fail(r.p, "says nothing to do; want one of %s", strings.Join(callForms, ", "))
		}
	default:
		m.Fail(forms[1], "beside %s; an item is one of %s", forms[0], strings.Join(callForms, ", "))
	}
	return m, ""
}

// keyed reports an operation that stands as the key of a mapping.
func (r *members) keyed(m input.Map) bool {
	for _, e := range m.Entries() {
		service, _, dot := strings.Cut(e.Key, ".")
		if _, ok := r.index[service]; ok && dot {
			r.p.Errorf(e.Pos, "found %s as a key; write {call: %s, ...}", input.Quote(e.Key), e.Key)
			return true
		}
	}
	return false
}

// formed reads a mapping of a known form. extra are keys that it has besides.
func (r *members) formed(n *input.Node, m input.Map, form string, out Call, extra ...string) (Call, bool) {
	keys := map[string][]string{"call": callKeys, "agent": agentCallKeys, "one_of": eitherKeys, "span": innerKeys, "all": groupKeys}[form]
	m, _ = n.Map(r.p, slices.Concat(keys, extra)...)
	before := r.p.Found()
	r.place(m, &out)
	switch form {
	case "call":
		r.callOf(m, &out)
	case "agent":
		r.agentOf(m, &out)
	case "one_of":
		r.either(m, &out)
		r.never(&out, out.Calls)
	case "all":
		out.Beside = m.Bool("parallel", false)
		if out.Calls = r.calls(m, "all"); len(out.Calls) == 0 && r.p.Found() == before {
			m.Fail("all", "nothing in it")
		}
		r.never(&out, out.Calls)
	case "span":
		inner := &Operation{Name: m.Need("span"), Pos: m.At("span"), Protocol: ProtocolNone, Kind: usualKinds[ProtocolNone]}
		if before := r.p.Found(); m.Get("kind") != nil {
			if word := m.OneOf("kind", kindWords[0], kindWords...); r.p.Found() == before {
				inner.Kind = kindOf(word)
			}
		}
		inner.Measured = r.measured(m)
		r.body(m, inner, usualInner)
		out.Inner, out.Retry = inner, r.retries(m, ProtocolNone, nil)
	}
	return out, true
}

// never reports calls for the end of an operation in a group that is not made in
// its course.
func (r *members) never(group *Call, calls []Call) {
	if !group.IfFailed && !group.Async && !group.After {
		return
	}
	for i := range calls {
		c := &calls[i]
		if c.After {
			r.p.Errorf(c.Pos, "after: never made within what is if_failed, async or after itself")
		}
		r.never(group, c.Calls)
	}
}

// place reads how often something is done, and what its failure means.
func (r *members) place(m input.Map, out *Call) {
	out.Count = r.count(m.Get("count"))
	out.Probability = r.share(m.Get("probability"), 1)
	out.Optional = m.Bool("optional", false)
	out.IfFailed = m.Bool("if_failed", false)
	out.Async = m.Bool("async", false)
	out.After = m.Bool("after", false)
	if out.Delay = r.duration(m.Get("delay")); m.Get("delay") != nil && !out.After {
		m.Fail("delay", "belongs beside after: what the operation calls in its course starts when what is before it has ended")
	}
	alone := ""
	switch {
	case out.After:
		alone = "after"
	case out.Async:
		alone = "async"
	default:
		return
	}
	if out.IfFailed {
		m.Fail("if_failed", "beside %s: what nobody waits for makes nothing good", alone)
	}
	if out.Optional {
		m.Warn("optional", "has no effect beside %s: its failure is nobody's", alone)
	}
	if out.After && out.Async {
		m.Warn("async", "has no effect beside after: nobody waits for it anyway")
	}
}

// callOf reads the call of an operation, or of several consumers.
func (r *members) callOf(m input.Map, out *Call) {
	n := m.Get("call")
	if n == nil {
		m.Fail("call", "missing")
		return
	}
	items := []*input.Node{n}
	if n.Kind == input.List {
		if items, _ = n.List(r.p); len(items) == 0 {
			n.Fail(r.p, "no operations")
		}
	}
	for _, item := range items {
		ref, ok := r.target(item)
		switch {
		case !ok:
			continue
		case slices.Contains(out.To, ref):
			item.Fail(r.p, "%s is there twice", input.Quote(item.Text()))
			continue
		case n.Kind == input.List && len(items) > 1 && r.operation(ref).Protocol != ProtocolMessaging:
			item.Fail(r.p, "only operations of protocol messaging get the same message; call %s by itself", input.Quote(item.Text()))
		case len(out.To) > 0 && r.operation(ref).Destination != r.operation(out.To[0]).Destination:
			item.Fail(r.p, "it consumes %s, and the others %s: they do not get the same message",
				input.Quote(r.operation(ref).Destination), input.Quote(r.operation(out.To[0]).Destination))
		}
		out.To = append(out.To, ref)
	}
	out.Way = r.way(m, out.To)
	protocol := Protocol(0)
	if len(out.To) > 0 {
		protocol = r.operation(out.To[0]).Protocol
		if !r.unsure[out.To[0].Service] {
			r.misplaced(m, protocol)
		}
	}
	out.Timeout = r.fixed(m.Get("timeout"))
	out.Retry = r.retries(m, protocol, out)
	out.Network = r.duration(m.Get("network"))
	out.Attributes, out.Fill = r.spanAttributes(m, protocol), r.fill(m)
	out.Queue = r.queued(m.Get("queue"))
	out.Below = m.OneOf("trace", traces[0], traces...) == traces[1]
	out.Batch = m.Int("batch", 1, 1, maxCount)
	r.usualTimes(out)
}

// queued reads how long messages are in a queue, which is no name of one.
func (r *members) queued(n *input.Node) *dist.Spec {
	if n == nil || n.Kind != input.String {
		return r.latency(n)
	}
	if _, ok := written(n); !ok && strings.Trim(n.Text(), "0123456789.+-%") != "" {
		n.Fail(r.p, "found %s, want how long messages wait, such as 40ms; the name of a queue is the destination of who consumes it", n.Describe())
		return nil
	}
	return r.duration(n)
}

// notIn says which keys of a call do not belong to a protocol, and why.
var notIn = []struct {
	protocols []Protocol
	keys      []string
	why       string
}{
	{[]Protocol{ProtocolHTTP, ProtocolGRPC, ProtocolDB, ProtocolNone}, []string{"queue", "trace", "batch"}, "belongs to calls of operations of protocol messaging"},
	{[]Protocol{ProtocolMessaging}, []string{"timeout", "retry"}, "nobody waits for who gets a message"},
	{[]Protocol{ProtocolNone}, []string{"timeout", "network"}, "an operation of protocol none is called without a network"},
	{[]Protocol{ProtocolNone}, []string{"attributes", "fill"}, "an operation of protocol none has one span; give them to the operation"},
}

// misplaced reports keys that a call of a protocol does not have.
func (r *members) misplaced(m input.Map, protocol Protocol) {
	for _, x := range notIn {
		for _, key := range x.keys {
			if slices.Contains(x.protocols, protocol) && m.Get(key) != nil {
				m.Fail(key, "%s", x.why)
			}
		}
	}
}

// usualTimes fills in what a call that crosses services takes.
func (r *members) usualTimes(c *Call) {
	if len(c.To) == 0 {
		return
	}
	protocol := r.operation(c.To[0]).Protocol
	if c.Network == nil && protocol != ProtocolNone {
		c.Network = around(usualNetwork, defaultCV)
	}
	if c.Queue == nil && protocol == ProtocolMessaging {
		c.Queue = around(usualQueue, defaultCV)
	}
}

// either reads a place where one of several calls stands.
func (r *members) either(m input.Map, out *Call) {
	r.alternatives(m, out, func(n *input.Node) (Call, bool) {
		if n.Kind == input.String {
			return r.call(n)
		}
		a, form := r.form(n)
		switch form {
		case "":
			return Call{}, false
		case "one_of":
			a.Fail("one_of", "within one_of; put its calls into the outer one")
			return Call{}, false
		}
		ok := true
		for _, key := range placeKeys {
			if a.Has(key) && key != "description" {
				a.Fail(key, "belongs to the place, not to one of what can stand there; or put the call into all")
				ok = false
			}
		}
		c, read := r.formed(n, a, form, Call{Pos: n.Pos, Probability: 1, Batch: 1}, weightKeys...)
		c.When = r.condition(a)
		return c, ok && read
	})
	r.oneValue(m.At("one_of"), out.Conditions())
}

// alternatives reads the items of one_of by read, with their weights.
func (r *members) alternatives(m input.Map, out *Call, read func(*input.Node) (Call, bool)) {
	before := r.p.Found()
	total := 0.0
	for _, item := range m.List("one_of") {
		weight := 1.0
		if item.Kind == input.Mapping {
			a, _ := item.Map(r.p)
			weight = a.Float("weight", 1, 0, maxNumber)
		}
		total += weight
		if c, ok := read(item); ok {
			out.Calls, out.OneOf = append(out.Calls, c), append(out.OneOf, weight)
		}
	}
	if total == 0 && r.p.Found() == before {
		m.Fail("one_of", "nothing in it has a weight above 0")
	}
}
