package learn

import "slices"

// fallback returns the plans in which something fails that others begin with as well, where these
// do nothing that fails: what the first ones do after it they do only then. before is what all of
// them do before that, does what is of each alone; nil: there is nothing of the kind.
func fallback(before [][]run, plans []*plan, does func(*plan) [][]run) (failing []*plan) {
	good := make(map[*path]bool)
	for _, p := range plans {
		switch d := does(p); {
		case p.mixed:
			return nil
		case failsFirst(d):
			if failing = append(failing, p); !does(failing[0])[0][0].likewise(&d[0][0]) || slices.ContainsFunc(slices.Concat(d[1:]...), func(r run) bool { return !r.waited() }) {
				return nil
			}
		case fails(d):
			return nil
		case len(d) > 0:
			good[onePath(d[0])] = true
		}
	}
	if len(failing) == 0 || fails(before) || !good[does(failing[0])[0][0].class.path] {
		return nil
	}
	return failing
}

// likewise reports whether two failing calls are the same, made again as often if at all.
func (r *run) likewise(o *run) bool {
	if r.class != o.class || r.retry == nil || o.retry == nil {
		return r.key() == o.key()
	}
	alone := func(x *retry) bool { return len(x.failing) == 1 && x.failing[r.class] > 0 }
	return alone(r.retry) && alone(o.retry) && len(r.retry.ends) == len(o.retry.ends)
}

// failsFirst reports whether the first of some groups is one call, which fails, before others.
func failsFirst(groups [][]run) bool {
	if len(groups) < 2 || onePath(groups[0]) == nil || !groups[0][0].class.failed() {
		return false
	}
	_, most := groups[0][0].counts.Bounds()
	return most <= 1
}

// fails reports whether something fails that is waited for.
func fails(groups [][]run) bool {
	return slices.ContainsFunc(slices.Concat(groups...), func(r run) bool { return r.class.failed() && r.waited() })
}

// oneOf counts the spans of plans as those of one that does what the first of them does.
func oneOf(plans []*plan) *plan {
	out := &plan{groups: plans[0].groups, lasts: newLasts()}
	for _, p := range plans {
		out.add(p)
	}
	return out
}

// ifFailed writes what plans do only where what they begin with has failed.
func (w *writer) ifFailed(plans []*plan, does func(*plan) [][]run) *node {
	after := func(p *plan) [][]run { return does(p)[1:] }
	var items [][]*node
	for _, p := range plans {
		items = append(items, w.groups(after(p), false))
	}
	out := mapping()
	switch first := items[0]; {
	case len(plans) > 1:
		out.put("one_of", w.either(plans, items, after))
	case len(first) > 1 || fails(after(plans[0])):
		out.put("all", list(first...))
	case first[0].scalar():
		out.put("call", first[0])
	default:
		out = first[0]
	}
	return out.set("if_failed", raw("true"))
}
