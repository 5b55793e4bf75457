package rules

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// FuzzDifferences: no rules and no items make it panic, and what arrived as it was sent
// differs by rules alone.
func FuzzDifferences(f *testing.F) {
	seeds := [][]byte{
		item(f, signalsByName["span"], "name=n a.x=1 a.y=[z] a.x=2 e.x=1 status=ERROR ms=3").Bytes,
		item(f, signalsByName["log"], "name=n a.x=1 body=map severity=WARN").Bytes,
		item(f, signalsByName["point"], "name=n a.x=1 value=3").Bytes,
	}
	for _, o := range operations {
		for i, b := range seeds {
			f.Add([]byte(o.file), uint8(i), b, seeds[0])
		}
	}
	messages := []form.Message{form.Span, form.LogRecord, form.NumberPoint}
	f.Fuzz(func(t *testing.T, file []byte, kind uint8, sent, got []byte) {
		r, err := Load("r.yaml", file)
		if err != nil {
			return
		}
		words := []string{"span name=n r.a=1", "log name=n r.a=1", "point name=n r.a=1 temporality=CUMULATIVE"}[kind%3]
		u := unit(t, words)
		one, other := &u.Pairs[0].Sent.Item, &u.Pairs[0].Copies[0].Item
		one.Message, other.Message = messages[kind%3], messages[kind%3]
		one.Bytes, other.Bytes = sent, got
		var errOne, errOther error
		one.Digest, errOne = form.Digest(one.Message, sent)
		other.Digest, errOther = form.Digest(other.Message, got)
		s := r.Begin(nil)
		if s.Unit(u) != nil {
			return
		}
		if _, fault := disagree(t, r, u); fault != "" && !strings.Contains(fault, form.ErrTooLong.Error()) && errOne == nil && errOther == nil {
			t.Error(fault)
		}
		diffs, err := s.Differences(nil, u.Pairs[0].Sent, u.Pairs[0].Copies[0])
		if err != nil || errOne != nil || errOther != nil {
			return
		}
		if one.Digest == other.Digest {
			for _, d := range diffs {
				if d.Rule == nil {
					t.Errorf("equal items differ in %s by no rule: %+v", d.Path, d)
				}
			}
		} else if len(diffs) == 0 && !r.Touches(u.Signal) {
			t.Error("items differ in nothing")
		}
		if _, err := s.Expects(&match.Received{Item: *other}); err != nil {
			t.Errorf("an item that could be compared cannot be judged: %v", err)
		}
		var total Totals
		total.Add(s)
		total.Faults()
	})
}
