package plan

import (
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
)

// session compiles the requests of a session, or of all that it may be: each is a turn, and
// all of an item go through one flow.
func (b *systemBuilder) session() {
	visits := b.sys.Sessions
	if visits == nil {
		visits = []scenario.Visit{{Requests: len(b.sys.Session)}}
	}
	item := 0
	var weights []float64
	for k, v := range visits {
		weights = append(weights, v.Weight)
		certain := false
		for range v.Requests {
			always, ok := b.turns(item, k)
			if !ok {
				return
			}
			certain = certain || always
			item++
		}
		if !certain {
			b.problems.Errorf(b.sys.Session[item-v.Requests].Pos, "session: it may have no request at all; one of them has to be there always")
		}
	}
	if b.sys.Sessions != nil {
		b.out.System.Visits = b.choice(weights, visits[0].Pos)
	}
	b.thinks()
}

// turns compiles an item of a session. It returns whether a request of it is there always,
// and false where there are too many.
func (b *systemBuilder) turns(item, visit int) (always, ok bool) {
	c := &b.sys.Session[item]
	t := Turn{Item: item, Visit: visit, Presence: b.probability(c.Probability, c.Pos), Count: b.count(&scenario.Node{Count: c.Count, Pos: c.Pos})}
	t.Continues, t.Linked = c.Continues, c.Linked
	least, most := int64(1), int64(1)
	if t.Count != nil {
		least, most = t.Count.Bounds()
	}
	if least == most && t.Presence.Always() {
		t.Count = nil
	} else if t.Count == nil {
		t.Count = &Count{Table: constant(1), Min: 1, Max: 1}
	}
	if int64(len(b.out.Turns))+most > maxRequests {
		b.problems.Errorf(c.Pos, "session: with this a session may have over %d requests", maxRequests)
		return false, false
	}
	b.out.Flows = append(b.out.Flows, Flow{Parts: []Part{{ids.PartOrchestration, b.entry(c)}}})
	for t.Number = range most {
		b.out.Turns = append(b.out.Turns, Content{Flow: item})
		b.out.System.Turns = append(b.out.System.Turns, t)
	}
	return t.Presence.Always() && least > 0, true
}

// maxRequests bounds the requests of a session.
const maxRequests = 10_000
