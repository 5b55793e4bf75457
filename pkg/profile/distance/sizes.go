package distance

import "github.com/otelsim/otelsim/pkg/corpus/otlp"

// compressed compares what compression makes of a span in a sample of traces.
func compressed(_ *comparison, x, y *view) found {
	a, b := &x.p.Sample, &y.p.Sample
	if a.Spans == 0 || b.Spans == 0 {
		return found{}
	}
	return whole(relative(float64(a.Compressed)/float64(a.Spans), float64(b.Compressed)/float64(b.Spans)), 0, a.Spans+b.Spans)
}

// bytesOf compares the bytes of an item of a signal.
func bytesOf(sig otlp.Signal) func(*comparison, *view, *view) found {
	return func(_ *comparison, x, y *view) found {
		a, b := x.p.Sizes[sig], y.p.Sizes[sig]
		if a.Items == 0 || b.Items == 0 {
			return found{}
		}
		return whole(relative(float64(a.Bytes)/float64(a.Items), float64(b.Bytes)/float64(b.Items)), 0, a.Items+b.Items)
	}
}

// eventTV compares how many events of each name spans have.
func eventTV(_ *comparison, x, y *view) found {
	of := func(v *view) (all map[string]uint64, spans uint64) {
		all = make(map[string]uint64)
		for name, o := range v.ops {
			for _, c := range o.classes {
				spans += c.Spans
				for event, e := range c.Events {
					all[name+", "+event] += e.Count
				}
			}
		}
		return all, spans
	}
	a, n := of(x)
	b, m := of(y)
	return rates(a, b, n, m)
}

// instances compares how many instances services have.
func instances(_ *comparison, x, y *view) found {
	var ps parts
	for _, name := range keysOf(x.p.Services, y.p.Services) {
		a, b := x.p.Services[name], y.p.Services[name]
		q := part{what: name, value: 1}
		if a != nil {
			q.a = float64(a.Spans)
		}
		if b != nil {
			q.b = float64(b.Spans)
		}
		if a != nil && b != nil {
			q.value, q.chance = byNumber(a.Instances, b.Instances, 1, 1)
		}
		if q.a+q.b > 0 {
			ps = append(ps, q)
		}
	}
	return ps.mean()
}
