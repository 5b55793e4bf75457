package distance

import (
	"fmt"
	"strings"

	"github.com/otelsim/otelsim/pkg/profile"
)

func sessionTraces(_ *comparison, x, y *view) found {
	return ks(x.p.Sessions.Traces, y.p.Sessions.Traces)
}

func sessionPauses(_ *comparison, x, y *view) found {
	return ks(x.p.Sessions.Pauses, y.p.Sessions.Pauses)
}

// sessionOrders compares the sequences of traces of sessions, by the operations of their
// first roots.
func sessionOrders(_ *comparison, x, y *view) found {
	of := func(v *view) map[string]uint64 {
		roots := make(map[uint64]string)
		for _, c := range v.p.Classes {
			if name := operationName(c); roots[c.Path] == "" || name < roots[c.Path] {
				roots[c.Path] = name
			}
		}
		all := make(map[string]uint64)
		for h, o := range v.p.Sessions.Orders {
			all[orderName(h, o, roots)] += o.Sessions
		}
		return all
	}
	return tv(of(x), of(y))
}

func orderName(h uint64, o *profile.Order, roots map[uint64]string) string {
	const most = 6
	var names []string
	for _, path := range o.Roots[:min(len(o.Roots), most)] {
		names = append(names, roots[path])
	}
	if len(o.Roots) > most {
		names = append(names, "...")
	}
	return fmt.Sprintf("%s #%x", strings.Join(names, ", "), h>>40)
}
