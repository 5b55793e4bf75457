package profile

import "testing"

func TestStepsOfSessions(t *testing.T) {
	steps := newLowest[Step](10, nil)
	from := &sessionTrace{number: 1, root: 10}
	for _, to := range []*sessionTrace{{number: 2, root: 20, link: 1}, {number: 3, root: 20, link: 7}, {number: 4, root: 20}, {number: 5, root: 30, link: 1}} {
		stepOf(steps, from, to, 5)
	}
	x, y := steps.items[join(10, 20)], steps.items[join(10, 30)]
	if len(steps.items) != 2 || x.Traces != 3 || x.Linked != 1 || x.Thinks.Count() != 3 || x.From != 10 || x.To != 20 || y.Traces != 1 || y.Linked != 1 {
		t.Errorf("got %+v and %+v", x, y)
	}
}
