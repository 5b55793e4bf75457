package plan

import (
	"fmt"
	"time"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// excess is a limit that is passed.
type excess struct {
	what    string
	measure func(systemExtent) uint64
	timed   bool // it is a time, which phases and the load stretch
}

// tooLong is an excess of time.
func tooLong(what string) excess {
	return excess{fmt.Sprintf("%s may last over %d days", what, maxIteration/day), func(x systemExtent) uint64 { return x.time }, true}
}

// The excesses that agents and systems may have both.
var (
	tooManySpans = excess{
		what: fmt.Sprintf("a trace may have over %d spans", MaxSpansPerTrace), measure: func(x systemExtent) uint64 { return x.spans },
	}
	tooManyConsumers = excess{
		what:    fmt.Sprintf("a request may have over %d traces of consumers beside its own (trace: same puts them into it)", MaxApart),
		measure: func(x systemExtent) uint64 { return x.apart },
	}
)

// blamed is the number that adds most to what is too much, and where it is; without
// a key it is the number of calls there.
type blamed struct {
	at *Node
	factor
}

// factor is a key that multiplies what is below it, or with it.
type factor struct {
	key   string
	times uint64
}

// tell adds an error about what is too much below a node.
func (z *systemSizer) tell(root *Node, e excess) {
	z.say(e.what, z.factor(root, e))
}

// tellSession is tell for what all requests of a session come to: at the item that
// adds most, or what is between them.
func (z *systemSizer) tellSession(e excess, thinks systemExtent) {
	largest, most, turns := 0, uint64(0), uint64(1)
	for i, n := range z.b.out.uses() {
		if m := e.measure(z.of(&z.b.out.Flows[i].Parts[0].Root).times(n)); m > most {
			largest, most, turns = i, m, n
		}
	}
	if m := e.measure(thinks); m > most {
		_, longest := z.b.out.ThinkTime.Bounds()
		z.b.problems.Errorf(z.b.def.Pos, "scenario %s: %s; what adds most is conversation.think_time, which is up to %v, before %d requests",
			z.b.def.Name, e.what, time.Duration(longest).Round(time.Millisecond), z.b.out.Requests()-1)
		return
	}
	root := &z.b.out.Flows[largest].Parts[0].Root
	if at := z.factor(root, e); at.times < turns {
		z.say(e.what, blamed{root, factor{"count", turns}})
	} else {
		z.say(e.what, at)
	}
}

func (z *systemSizer) say(what string, x blamed) {
	switch {
	case x.key != "":
		z.b.problems.Errorf(x.at.Pos, "scenario %s: %s; what adds most is %s of %s, which is up to %d", z.b.def.Name, what, x.key, input.Quote(x.at.Class), x.times)
	case len(x.at.Children) == 1:
		z.b.problems.Errorf(x.at.Pos, "scenario %s: %s; most is below %s", z.b.def.Name, what, input.Quote(x.at.Class))
	default:
		z.b.problems.Errorf(x.at.Pos, "scenario %s: %s; most is below the %d calls of %s", z.b.def.Name, what, len(x.at.Children), input.Quote(x.at.Class))
	}
}

// factor finds the greatest of the numbers that multiply what is with them, on the
// way to the largest part; without any, who has most calls on it.
func (z *systemSizer) factor(root *Node, e excess) blamed {
	out := blamed{root, factor{times: 1}}
	for n := root; n != nil; {
		var largest *Node
		most, own := uint64(0), e.measure(z.alone(n))
		for i := range n.Children {
			if m := e.measure(z.of(&n.Children[i])); m > most {
				largest, most = &n.Children[i], m
			}
		}
		if most < own {
			largest = nil // it is the span itself
		}
		for _, f := range factorsOf(n, e.timed && largest == nil) {
			if f.times > out.times {
				out = blamed{n, f}
			}
		}
		if out.key == "" && len(n.Children) > len(out.at.Children) {
			out.at = n
		}
		n = largest
	}
	return out
}

// alone is the extent of the span of a node without what is below it.
func (z *systemSizer) alone(n *Node) systemExtent {
	switch n.Act.Role {
	case RoleGroup, RoleDirect, RoleWays:
		return systemExtent{}
	case RoleSend:
		return z.self(n, n.Act.Network)
	}
	return z.self(n, n.Latency)
}

// factorsOf are the numbers that multiply a node; of what its own span takes, as well
// those that stretch it.
func factorsOf(n *Node, own bool) (out []factor) {
	if n.Count != nil {
		out = append(out, factor{"count", repetitions(n)})
	}
	if n.Retry != nil {
		out = append(out, factor{"retry.max_attempts", uint64(max(n.Retry.Max, 1))})
	}
	if n.Act.Role == RoleSend {
		out = append(out, factor{"batch", uint64(n.Act.Batch)})
	}
	if !own {
		return out
	}
	if n.Act.Capacity > 0 {
		out = append(out, factor{"capacity (at a high load)", MaxSlowdown})
	}
	if slower := stretched(million, n.Effects) / million; slower > 1 {
		out = append(out, factor{"latency_factor of phases", slower})
	}
	return out
}
