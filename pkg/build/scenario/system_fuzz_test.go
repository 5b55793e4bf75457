package scenario

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// FuzzParseSystem: whatever a file says, problems have places, and what has none
// keeps the promises of System.
func FuzzParseSystem(f *testing.F) {
	f.Add(hello)
	f.Add(everything(f))
	f.Add(helpdesk)
	for _, row := range systemMistakes {
		f.Add(strings.Replace(shop, row.was, row.is, 1))
	}
	for _, row := range runtimeMistakes {
		f.Add(inCart(row.is))
	}
	f.Fuzz(func(t *testing.T, text string) {
		var p input.Problems
		out := Parse([]input.File{{Name: "a.yaml", Data: []byte(text)}, {Name: "helper.yaml", Data: []byte("root: {type: a2a.orchestrate}\n")}}, nil, ParseOptions{}, &p)
		checkPositions(t, &p, text)
		if p.Errors() == 0 && len(out) == 2 && out[0].System != nil {
			checkSystem(t, out[0].System)
		}
	})
}

// checkSystem fails when a system that passed does not hold what its types say.
func checkSystem(t *testing.T, s *System) {
	t.Helper()
	if len(s.Services) == 0 || len(s.Session) == 0 {
		t.Fatalf("%d services, %d requests", len(s.Services), len(s.Session))
	}
	c := &systemChecker{t: t, s: s, state: make(map[OperationRef]int)}
	for i := range s.Services {
		m := &s.Services[i]
		if m.Name == "" || len(m.Operations) == 0 || m.Instances < 1 || m.Scope == "" || len(m.Attributes) == 0 || m.Attributes[0].Key != "service.name" {
			t.Errorf("service %+v", m)
		}
		for j := range m.Operations {
			c.operation(&m.Operations[j])
			c.visit(OperationRef{i, j})
		}
	}
	for i := range s.Session {
		for _, ref := range c.call(&s.Session[i], true) {
			if s.Services[ref.Service].Protocol == ProtocolDB {
				t.Errorf("the session asks %v, a db", ref)
			}
		}
	}
}

type systemChecker struct {
	t     *testing.T
	s     *System
	state map[OperationRef]int // 1: being visited, 2: done
}

// visit goes to all operations that one comes to call, and fails when it is one of
// them.
func (c *systemChecker) visit(ref OperationRef) {
	if c.state[ref] == 2 {
		return
	}
	c.state[ref] = 1
	for _, to := range c.calls(c.s.Services[ref.Service].Operations[ref.Operation].Calls) {
		if c.state[to] == 1 {
			c.t.Fatalf("%v comes to call itself", to)
		}
		c.visit(to)
	}
	c.state[ref] = 2
}

func (c *systemChecker) operation(op *Operation) {
	if op.Name == "" || op.Latency == nil || op.Kind == 0 || op.Pos.Line == 0 {
		c.t.Errorf("operation %+v", op)
	}
	if e := op.Error; e != nil {
		if e.Rate < 0 || e.Rate > 1 || len(e.Types) == 0 || e.Weights != nil && len(e.Weights) != len(e.Types) {
			c.t.Errorf("operation %s: error %+v", op.Name, e)
		}
	}
	if op.Protocol == ProtocolMessaging && op.Destination == "" || op.Protocol == ProtocolDB && len(op.Calls)+len(op.Logs) > 0 {
		c.t.Errorf("operation %+v", op)
	}
	for _, a := range op.Attributes {
		c.attribute(a)
	}
}

func (c *systemChecker) attribute(a Attribute) {
	if a.Key == "" || len(a.Choices) != len(a.Weights) {
		c.t.Errorf("attribute %+v", a)
	}
	for _, v := range c.s.Values {
		if v.Key == a.Use {
			return
		}
	}
	if a.Use != "" {
		c.t.Errorf("attribute %s: no value %q", a.Key, a.Use)
	}
}

func (c *systemChecker) calls(calls []Call) (out []OperationRef) {
	for i := range calls {
		out = append(out, c.call(&calls[i], false)...)
	}
	return out
}

// call checks one call and returns what it comes to.
func (c *systemChecker) call(x *Call, session bool) []OperationRef {
	forms := 0
	for _, is := range []bool{len(x.To) > 0, x.Agent != "", x.Inner != nil, len(x.Calls) > 0} {
		if is {
			forms++
		}
	}
	total := 0.0
	for _, w := range x.OneOf {
		total += w
	}
	if forms != 1 || x.Pos.Line == 0 || x.Probability < 0 || x.Probability > 1 || x.Batch < 1 ||
		x.OneOf != nil && (len(x.OneOf) != len(x.Calls) || total <= 0) {
		c.t.Errorf("call %+v", x)
	}
	if x.Retry != nil && (x.Retry.MaxAttempts < 1 || len(x.Retry.RetryableTypes) == 0) {
		c.t.Errorf("retry %+v", x.Retry)
	}
	for _, ref := range x.To {
		p := c.s.Services[ref.Service].Operations[ref.Operation].Protocol
		if !session && ((x.Network == nil) != (p == ProtocolNone) || (x.Queue == nil) != (p != ProtocolMessaging)) {
			c.t.Errorf("call of protocol %s: network %v, queue %v", protocols[p], x.Network, x.Queue)
		}
	}
	out := x.To
	if x.Inner != nil {
		c.operation(x.Inner)
		out = append(out, c.calls(x.Inner.Calls)...)
	}
	for i := range x.Calls {
		out = append(out, c.call(&x.Calls[i], session)...)
	}
	return out
}
