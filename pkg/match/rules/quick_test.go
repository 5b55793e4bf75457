package rules

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/otelsim/otelsim/pkg/match"
)

// slowly returns rules that never take the shortcut.
func slowly(r *Rules) *Rules {
	other := *r
	other.shortcuts.many = true
	return &other
}

// verdict is what a Segment says of a unit's first pair: what differs of each copy, and
// what the rules had to do.
type verdict struct {
	copies []copyVerdict
	hit    []bool
}

type copyVerdict struct {
	diffs []Difference
	err   string
	quick bool // no fields were needed
}

func judgeFirst(t testing.TB, s *Segment, u *match.Unit) (v verdict) {
	t.Helper()
	if err := s.Unit(u); err != nil {
		t.Fatal(err)
	}
	sent := u.Pairs[0].Sent
	for _, c := range u.Pairs[0].Copies {
		var of copyVerdict
		var err error
		if of.diffs, err = s.Differences(nil, sent, c); err != nil {
			of.err = err.Error()
		}
		for i := range of.diffs { // which the next call writes over
			if d := &of.diffs[i]; d.After != nil {
				after := *d.After
				d.After = &after
			}
		}
		hit := slices.Clone(s.scheme.hit)
		of.quick = s.quickly(s.view(sent), &c.Item)
		if !slices.Equal(hit, s.scheme.hit) {
			t.Error("asked again, rules have more to do")
		}
		v.copies = append(v.copies, of)
	}
	v.hit = slices.Clone(s.scheme.hit)
	return v
}

// bothWays demands one answer with the shortcut and without, and returns what is said of
// the first copy.
func bothWays(t testing.TB, what string, r *Rules, u *match.Unit) copyVerdict {
	t.Helper()
	v, fault := disagree(t, r, u)
	if fault != "" {
		t.Errorf("%s: %s", what, fault)
	}
	return v
}

// disagree says how the shortcut and the fields disagree, "" when they do not.
func disagree(t testing.TB, r *Rules, u *match.Unit) (first copyVerdict, fault string) {
	t.Helper()
	return disagreeOn(t, r.Begin(nil), slowly(r).Begin(nil), u)
}

func disagreeOn(t testing.TB, one, other *Segment, u *match.Unit) (first copyVerdict, fault string) {
	t.Helper()
	quick, slow := judgeFirst(t, one, u), judgeFirst(t, other, u)
	first = quick.copies[0]
	if !slices.Equal(quick.hit, slow.hit) {
		return first, fmt.Sprintf("had something to do: %v, want %v", quick.hit, slow.hit)
	}
	for i, q := range quick.copies {
		s := slow.copies[i]
		if q.quick && len(s.diffs) > 0 {
			return first, fmt.Sprintf("the shortcut takes copy %d for equal: %+v", i, s.diffs)
		}
		if q.err != s.err || !reflect.DeepEqual(q.diffs, s.diffs) {
			return first, fmt.Sprintf("copy %d: got %+v, want %+v", i, q, s)
		}
	}
	return first, ""
}

// needFields are the operations among those of TestOperations that hold and need fields
// nevertheless.
var needFields = []string{
	"any value, then masked", "list masked", "list hashed", "summary", "event", "field set", "body set", "field masked",
	"fields of two levels masked", "temporality", "aggregated away",
}

// TestQuickOperations: the shortcut changes no answer of TestOperations, and is taken
// wherever an item is as expected, but for those that are named.
func TestQuickOperations(t *testing.T) {
	for _, o := range operations {
		r, u := load(t, o.file), unit(t, o.unit)
		quick := bothWays(t, o.name, r, u)
		if want := o.want == "" && !slices.Contains(needFields, o.name); quick.quick != want {
			t.Errorf("%s: the shortcut says %t, want %t", o.name, quick.quick, want)
		}
	}
}

// TestQuickOddItems: attributes and fields as no encoder that we know writes them are
// left to the fields.
func TestQuickOddItems(t *testing.T) {
	const attributes, name = 9, 5
	field := func(number byte, of ...byte) []byte { return append([]byte{number<<3 | 2, byte(len(of))}, of...) }
	odd := field(attributes, 0x0a, 1, 'a', 0x12, 3, 0x0a, 1, 'x', 0x48, 1)        // with a field that OTLP does not have
	index := field(attributes, 0x0a, 1, 'a', 0x12, 3, 0x0a, 1, 'x', 0x18, 1)      // with an index of its key
	twice := field(attributes, 0x0a, 1, 'b', 0x0a, 1, 'a', 0x12, 3, 0x0a, 1, 'x') // with two keys, of which the last one counts
	for _, more := range [][]byte{odd, index, twice, append(field(name, 'm'), field(name, 'n')...)} {
		for _, file := range []string{"attributes: {delete: [a]}", "attributes: {set: {a: 1}}", "attributes: {add: {a: 1}}", "attributes: {maybe: [a]}",
			"attributes: {hash: [a]}", "attributes: {keep_only: [b]}", "attributes: {where: {attributes: {a: x}}, set: {c: 1}}",
			"attributes: {rename: {a: c}}", "fields: {set: {name: o}}", "fields: {maybe: [name]}", "filter: {drop: {name: n}}"} {
			for _, line := range []string{"span a.c=1", "span a.c=1 -> a.c=1 a.a=1", "span a.c=1 -> a.c=1 name=o"} {
				u := unit(t, line)
				sent, got := &u.Pairs[0].Sent.Item, &u.Pairs[0].Copies[0].Item
				sent.Bytes = append(slices.Clone(sent.Bytes), more...)
				sent.Digest = digest(t, sent.Message, sent.Bytes)
				bothWays(t, file+" "+line, load(t, file), u)
				got.Bytes, got.Digest = sent.Bytes, sent.Digest
				bothWays(t, file+" "+line+", as sent", load(t, file), u)
			}
		}
	}
}

// TestQuickAllocatesNothing: items that are as expected cost no memory, whatever asks
// about them.
func TestQuickAllocatesNothing(t *testing.T) {
	for _, c := range []struct{ file, sent, got string }{
		{"attributes: {add: {env: test}}", "name=a a.x=1", "name=a a.x=1 a.env=test"},
		{"attributes: {where: {name: a*, attributes: {x: 1}, min_duration: 1ms, status: error}, set: {y: 2}, delete: [z]}",
			"name=ab a.x=1 a.z=1 ms=2 status=ERROR", "name=ab a.x=1 ms=2 status=ERROR a.y=2"},
		{"attributes: {rename: {x: y}, maybe: [\"z.*\"]}", "name=a a.x=1", "name=a a.y=1 a.z.z=1"},
		{"attributes: {hash: [x]}", "name=a a.x=x", "name=a a.x=" + sha256OfX},
		{"resource: {set: {env: test}, delete: [x]}", "name=a r.x=1", "name=a r.env=test"},
		{"fields: {set: {name: b}}", "name=a", "name=b"},
		{"filter: {drop: {service: x, kind: server}}", "name=a r.service.name=x", "name=a r.service.name=x"},
	} {
		s := load(t, c.file).Begin(nil)
		u := unit(t, "span "+c.sent+" -> "+c.got)
		var diffs []Difference
		n := testing.AllocsPerRun(20, func() {
			err := s.Unit(u)
			if err == nil {
				diffs, err = s.Differences(diffs[:0], u.Pairs[0].Sent, u.Pairs[0].Copies[0])
			}
			if err != nil || len(diffs) > 0 {
				t.Errorf("%s: %+v, %v", c.file, diffs, err)
			}
		})
		if n > 0 {
			t.Errorf("%s: %v allocations", c.file, n)
		}
	}
}
