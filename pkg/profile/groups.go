package profile

import (
	"cmp"
	"slices"

	"github.com/otelsim/otelsim/pkg/profile/intake"
)

// grouper puts the children of a span in groups, as a Production has them.
type grouper struct {
	runs    []run
	members []member // of the group that is open
	late    []run    // behind it
	sorted  []int32
	begins  []int32 // of groups in runs, for shapes
	hashes  []uint64
}

// member is a child: by its class, or by its shape.
type member struct{ id uint64 }

// run is children that are alike.
type run struct {
	id           uint64
	async, after bool
	begins       bool // a group
	together     bool
	count        int32
	wait         uint64 // of what is after: since the end of the parent, ns
}

// waits reports whether a span waits for a child, and how not.
func waits(parent, child *intake.Span) (waited, async, after bool) {
	waited = child.End <= parent.End
	after = !waited && child.Start >= parent.End
	return waited, !waited && !after, after
}

// group sets runs to the children of a span, by what each is. One alone that is like the
// one before goes with it.
func (g *grouper) group(t *tree, spans []intake.Span, parent int32, of func(*node) uint64) {
	g.runs, g.members, g.late = g.runs[:0], g.members[:0], g.late[:0]
	p, end := &spans[parent], uint64(0)
	for _, k := range g.order(t, spans, t.children(parent), of) {
		c, id := &spans[k], of(&t.nodes[k])
		waited, async, after := waits(p, c)
		switch {
		case waited && len(g.members) > 0 && c.Start < end:
			g.members = append(g.members, member{id})
			end = max(end, c.End)
		case waited:
			g.close()
			g.members = append(g.members, member{id})
			end = c.End
		default:
			if c.Start >= end {
				g.close()
			}
			late := run{id: id, async: async, after: after, begins: true, count: 1}
			if after {
				late.wait = c.Start - p.End
			}
			g.late = append(g.late, late)
		}
	}
	g.close()
}

// order returns children by start, longest first, and then by what they are: ids are in
// no order.
func (g *grouper) order(t *tree, spans []intake.Span, kids []int32, of func(*node) uint64) []int32 {
	ties := false
	for i := 1; i < len(kids) && !ties; i++ {
		a, b := &spans[kids[i-1]], &spans[kids[i]]
		ties = a.Start == b.Start && a.End == b.End
	}
	if !ties {
		return kids
	}
	g.sorted = append(g.sorted[:0], kids...)
	slices.SortFunc(g.sorted, func(i, j int32) int {
		a, b := &spans[i], &spans[j]
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End), cmp.Compare(of(&t.nodes[i]), of(&t.nodes[j])))
	})
	return g.sorted
}

// close ends the group that is open, and puts behind it what nobody waits for.
func (g *grouper) close() {
	if len(g.members) > 1 {
		slices.SortFunc(g.members, func(a, b member) int { return cmp.Compare(a.id, b.id) })
	}
	begin := len(g.runs)
	for i, m := range g.members {
		if i > 0 && m.id == g.members[i-1].id {
			g.runs[len(g.runs)-1].count++
			g.runs[len(g.runs)-1].together = true
			continue
		}
		g.runs = append(g.runs, run{id: m.id, begins: i == 0, count: 1})
	}
	if len(g.runs)-begin == 1 {
		g.join()
	}
	for _, r := range g.late {
		g.runs = append(g.runs, r)
		g.join()
	}
	g.members, g.late = g.members[:0], g.late[:0]
}

// join makes the last run, which is a group alone, part of the one before if that is a
// group alone of the same.
func (g *grouper) join() {
	n := len(g.runs)
	if n < 2 {
		return
	}
	last, before := &g.runs[n-1], &g.runs[n-2]
	if before.begins && before.id == last.id && before.async == last.async && before.after == last.after {
		before.count += last.count
		before.together = before.together || last.together
		g.runs = g.runs[:n-1]
	}
}

// collapse drops groups that repeat the one before, and rows of up to four that repeat
// the row before, and returns a hash of what is left. Nothing of how often is in it.
func (g *grouper) collapse() uint64 {
	g.begins, g.hashes = g.begins[:0], g.hashes[:0]
	kept := g.runs[:0]
	for i := 0; i < len(g.runs); {
		begin, h := int32(len(kept)), uint64(1)
		for first := i; i < len(g.runs) && (i == first || !g.runs[i].begins); i++ {
			h = join(h, g.runs[i].id)
			kept = append(kept, g.runs[i])
		}
		g.begins, g.hashes = append(g.begins, begin), append(g.hashes, h)
		for row := 1; row <= 4 && 2*row <= len(g.hashes); row++ {
			n := len(g.hashes)
			if slices.Equal(g.hashes[n-row:], g.hashes[n-2*row:n-row]) {
				kept = kept[:g.begins[n-row]]
				g.begins, g.hashes = g.begins[:n-row], g.hashes[:n-row]
				break
			}
		}
	}
	g.runs = kept
	h := uint64(len(g.hashes))
	for _, x := range g.hashes {
		h = join(h, x)
	}
	return h
}
