package distance

import "github.com/otelsim/otelsim/pkg/profile"

// fewestFailures is how many failures an operation has on both sides before what they are
// is compared.
const fewestFailures = 5

func errorRate(_ *comparison, x, y *view) found {
	return byOperation(x, y, func(name string, a, b *Operation) part {
		return byShares(name, [2]float64{float64(a.Failed), float64(b.Failed)}, [2]float64{float64(a.Spans), float64(b.Spans)})
	}).mean()
}

// errorTV compares how many spans of a trace fail and how: where failures are rare, a
// difference that is small beside all spans is great beside the failures.
func errorTV(_ *comparison, x, y *view) found {
	of := func(v *view) map[string]uint64 {
		all := make(map[string]uint64)
		for name, o := range v.ops {
			for outcome, n := range o.outcomes {
				all[name+", "+outcome] += n
			}
		}
		return all
	}
	return rates(of(x), of(y), x.p.Traces.Count, y.p.Traces.Count)
}

// failing makes a part of each operation that fails on both sides.
func failing(x, y *view, compare func(name string, a, b *Operation) part) (ps parts) {
	each(x, y, func(name string, a, b *Operation) {
		if a != nil && b != nil && min(a.Failed, b.Failed) >= fewestFailures { // of others error_rate tells
			ps = append(ps, compare(name, a, b))
		}
	})
	return ps
}

func errorTypes(_ *comparison, x, y *view) found {
	return failing(x, y, func(name string, a, b *Operation) part { return byCounts(name, a.outcomes, b.outcomes) }).mean()
}

func errorCauses(_ *comparison, x, y *view) found {
	return failing(x, y, func(name string, a, b *Operation) part {
		return byShares(name, [2]float64{float64(a.caused), float64(b.caused)}, [2]float64{float64(a.Failed), float64(b.Failed)})
	}).mean()
}

func traceErrorRate(_ *comparison, x, y *view) found {
	s, t := &x.p.Traces, &y.p.Traces
	return parts{byShares("", [2]float64{float64(s.Failed), float64(t.Failed)}, [2]float64{float64(s.Count), float64(t.Count)})}.only()
}

// attributePairs compares, for keys that are compared by value, how often each value goes
// with each outcome of the span, where to have no value is one too: the distance of the two
// joint distributions.
func attributePairs(c *comparison, x, y *view) found {
	joint := func(v *view, id owned) map[string]uint64 {
		all := make(map[string]uint64)
		for _, class := range v.ops[id.name].classes {
			left := class.Spans
			if a := class.Attributes[id.key]; a != nil {
				for _, value := range a.Values.Kept() {
					all[class.Outcome+"\x00="+value.Text] += value.Count
					left -= min(left, value.Count)
				}
			}
			if left > 0 {
				all[class.Outcome+"\x00"] += left
			}
		}
		return all
	}
	byValue := func(id owned, _, _ *profile.Attribute) bool { return !c.byForm[id] && !c.free[id] }
	return bothOf(onSpans, x, y, byValue, func(id owned, a, b *profile.Attribute) (part, bool) {
		return byCounts(id.what(), joint(x, id), joint(y, id)), true
	}).mean()
}
