package judge

import (
	"fmt"
	"time"

	"github.com/otelsim/otelsim/internal/findings"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/form"
	"github.com/otelsim/otelsim/pkg/match/rules"
)

// segment judges the units of one segment.
type segment struct {
	tally
	run   *Run
	rules expectations

	services map[uint64]string // by the digest of the resource
	refused  map[record]uint64 // how many absent items were taken to be those refused
	lossy    map[record]int    // index into losses.requests
	last     record            // that was met

	u        *match.Unit
	c        *classes
	output   int    // that is looked at; -1: all of them as one
	scenario string // of the unit
	item     uint64 // number of the item that is looked at, from 1

	// Of the unit, by pair; scratch.
	wants []rules.Want
	got   []*match.Received // the copy, nil: none
	lost  uint64            // items

	copies  []*match.Received
	diffs   []rules.Difference
	best    []rules.Difference
	arrived []place
	fields  []form.Field
}

// record names a record of the segment in one lap, as one output has it.
type record struct {
	sig         otlp.Signal
	output      int // -1: all of them as one
	lap, number uint64
}

// Take judges a unit.
func (s *segment) Take(u *match.Unit) error {
	if !s.run.judged[u.Signal] {
		return nil
	}
	s.u, s.c, s.output, s.scenario = u, &s.signals[u.Signal], -1, ""
	if len(u.Pairs) > 0 && u.Signal != otlp.SignalMetrics && s.run.o.Scenario != nil {
		s.scenario = s.run.o.Scenario(u.Pairs[0].Sent.Iteration)
	}
	if err := s.rules.Unit(u); err != nil {
		return err
	}
	s.wants = s.wants[:0]
	for i := range u.Pairs {
		s.wants = append(s.wants, s.rules.Want(i))
		sent := u.Pairs[i].Sent
		at := s.when(sent)
		s.losses.sent(at)
		if r := (record{u.Signal, -1, u.Lap, sent.Record}); r != s.last {
			s.last = r
			s.losses.began(u.Signal, at)
		}
	}
	first, last := -1, -1
	if s.run.o.FanOut {
		first, last = 0, len(s.run.o.Outputs)-1
	}
	for s.output = first; s.output <= last; s.output++ {
		if err := s.pairs(); err != nil {
			return err
		}
		s.order()
	}
	s.output = -1
	for _, m := range u.MadeUp {
		if err := s.madeUp(m); err != nil {
			return err
		}
	}
	s.faults()
	return nil
}

// pairs judges the items of the unit, in one output or in all as one.
func (s *segment) pairs() error {
	s.got, s.lost = s.got[:0], 0
	for i := range s.u.Pairs {
		s.item++
		got, err := s.pair(&s.u.Pairs[i], &s.wants[i])
		if err != nil {
			return err
		}
		s.got = append(s.got, got)
	}
	return nil
}

// pair judges an item and returns the copy that counts as the item, nil when it
// is not there or should not be.
func (s *segment) pair(p *match.Pair, w *rules.Want) (*match.Received, error) {
	s.copies = s.copies[:0]
	for _, c := range p.Copies {
		if s.output < 0 || c.Output == s.output {
			s.copies = append(s.copies, c)
		}
	}
	elsewhere := s.output >= 0 && w.Output >= 0 && w.Output != s.output
	switch {
	case len(s.copies) == 0 && (w.Absent || elsewhere):
		return nil, nil
	case len(s.copies) == 0:
		s.absent(p.Sent, w)
		return nil, nil
	case w.Absent:
		s.found(s.key(KindNotDropped, w.Rule), p.Sent, s.copies[0], nil)
		return nil, nil
	case elsewhere:
		s.found(s.key(KindMisrouted, w.Route), p.Sent, s.copies[0], nil)
		return nil, nil
	}
	s.c.arrived++
	s.routed(p.Sent, w)
	got, err := s.compare(p.Sent)
	if err == nil {
		s.delay(p.Sent, got)
		err = s.duplicates(p.Sent, got)
	}
	return got, err
}

// duplicates counts the copies beside the one that counts as the item. Where
// duplicates are allowed, those are found that are not as the item should be: what
// was sent again is the same again.
func (s *segment) duplicates(sent *match.Sent, got *match.Received) error {
	more, example := uint64(0), (*match.Received)(nil)
	for _, c := range s.copies {
		if c == got {
			continue
		}
		if s.run.allowed.Duplicates {
			if right, err := s.asExpected(sent, c); err != nil {
				return err
			} else if right {
				continue
			}
		}
		more++
		if example == nil {
			example = c
		}
	}
	if more == 0 {
		return nil
	}
	s.c.Duplicated += more
	s.foundMany(s.key(KindDuplicated, nil), more, sent, example, func(e *findings.Example) {
		e.Message = fmt.Sprintf("%s, %s copies", s.name(&sent.Item), text.Grouped(uint64(len(s.copies))))
	})
	return nil
}

// routed leaves those copies that are where a rule says, if there are any.
func (s *segment) routed(sent *match.Sent, w *rules.Want) {
	if s.output >= 0 || w.Output < 0 {
		return
	}
	right := s.copies[:0:0]
	for _, c := range s.copies {
		if c.Output == w.Output {
			right = append(right, c)
		}
	}
	if len(right) < len(s.copies) {
		wrong := s.copies[0]
		for _, c := range s.copies {
			if c.Output != w.Output {
				wrong = c
				break
			}
		}
		s.found(s.key(KindMisrouted, w.Route), sent, wrong, nil)
	}
	if len(right) > 0 {
		s.copies = right
	}
}

// absent judges an item that should be there and is not.
func (s *segment) absent(sent *match.Sent, w *rules.Want) {
	of := record{s.u.Signal, s.output, s.u.Lap, sent.Record}
	switch {
	case sent.Fate == match.Failed:
		s.c.Refused++
		return
	case sent.Fate == match.Rejected && s.refused[of] < s.u.Refused[sent.Record]:
		s.refused[of]++
		s.c.Refused++
		return
	case sent.Fate == match.Unknown:
		s.c.LostUnknown++
		s.found(s.key(KindUnknown, nil), sent, nil, nil)
		return
	}
	s.c.Lost++
	s.lost++
	s.found(s.key(KindLost, w.Rule), sent, nil, nil)
	at := s.when(sent)
	of.output = -1
	i, ok := s.lossy[of]
	if !ok {
		i = s.losses.request(request{at: at, sig: of.sig, lap: of.lap, segment: s.u.Segment, number: of.number})
		s.lossy[of] = i
	}
	s.losses.lost(at, i)
}

// delay counts how long after it was sent an item arrived.
func (s *segment) delay(sent *match.Sent, got *match.Received) {
	if sent.Attempted <= 0 || got.Arrived <= 0 {
		return
	}
	// The last attempt may be one too many: what arrived before it is not late.
	took := max(0, got.Arrived-sent.Attempted)
	s.c.timed++
	s.delays.add(took)
	if took > int64(s.run.allowed.LateAfter) {
		s.c.late++
		s.found(s.key(KindLate, s.run.allowed.Delay), sent, got, func(e *findings.Example) {
			e.Message = fmt.Sprintf("%s, after %v", s.name(&sent.Item), text.Fine(time.Duration(took)))
		})
	}
}

// madeUp judges an item that was never sent.
func (s *segment) madeUp(m *match.Received) error {
	s.item++
	rule, err := s.rules.Expects(m)
	if err != nil {
		return err
	}
	if rule != nil {
		s.c.asked++
		return nil
	}
	s.c.MadeUp++
	k := s.key(KindMadeUp, nil)
	if m.Metric != nil {
		k.detail = clip(string(form.MetricName(m.Metric.Bytes)))
	}
	s.found(k, nil, m, func(e *findings.Example) { e.Message = s.name(&m.Item) })
	return nil
}

// faults takes what is wrong with the unit as a whole.
func (s *segment) faults() {
	for _, f := range s.rules.Faults() {
		k := s.key(f.Kind, f.Rule)
		k.info = f.Info
		var sent *match.Sent
		if f.Pair >= 0 && f.Pair < len(s.u.Pairs) {
			sent = s.u.Pairs[f.Pair].Sent
		}
		s.groups.group(k).wants(f.Message)
		s.found(k, sent, nil, func(e *findings.Example) { e.Message = clip(f.Message) })
	}
}
