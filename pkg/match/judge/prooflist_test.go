package judge

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/damage"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// list is what became of items: by class and item, how often.
type list struct {
	count map[string]map[string]int
	paths map[string]map[string]bool // of altered items: of their fields
}

func newList() *list {
	return &list{make(map[string]map[string]int), make(map[string]map[string]bool)}
}

func (l *list) add(class, item string, n int) {
	if l.count[class] == nil {
		l.count[class] = make(map[string]int)
	}
	l.count[class][item] += n
}

func (l *list) path(item, path string) {
	if l.paths[item] == nil {
		l.paths[item] = make(map[string]bool)
	}
	l.paths[item][path] = true
}

// lists are what was done and what was found.
type lists struct {
	run *run

	mu        sync.Mutex
	want, got *list
	lost      *list                 // items found lost, by request
	once      map[string]bool       // what an item is once
	byRecord  map[[3]uint64]*origin // signal, segment, record
	either    map[string]*either    // by request: of which some items are lost and some refused
}

// either is a request of which nobody knows which items are the lost ones.
type either struct {
	lost  int
	items map[string]int
}

// name names an item so that items that nothing tells apart have one name.
func (l *lists) name(lap uint64, o *origin, position int) string {
	digest := o.digests[position]
	switch {
	case o.signal == otlp.SignalTraces:
		return fmt.Sprintf("lap %d, traces %d/%d/%d", lap, o.segment, o.record, position)
	case o.signal == otlp.SignalMetrics && l.run.original:
		return fmt.Sprintf("metrics %d %s", o.segment, digest) // alike in all laps
	}
	return fmt.Sprintf("lap %d, %v %d %s", lap, o.signal, o.segment, digest)
}

// take hears of everything that the judge finds.
func (l *lists) take(s *segment, k key, n uint64, sent *match.Sent, got *match.Received) {
	l.mu.Lock()
	defer l.mu.Unlock()
	u := s.u
	if k.kind == KindSplit {
		l.got.add(k.kind, fmt.Sprintf("trace %x", u.Wire), 1)
		return
	}
	if sent == nil {
		l.got.add(k.kind, fmt.Sprintf("message %d, %d", l.run.read[got.Message], got.Position), int(n))
		return
	}
	o := l.byRecord[[3]uint64{uint64(u.Signal), u.Segment, sent.Record}]
	if o == nil || int(sent.Position) >= len(o.digests) {
		l.got.add(k.kind, fmt.Sprintf("an item that the corpus has not: %v %d/%d/%d", u.Signal, u.Segment, sent.Record, sent.Position), 1)
		return
	}
	item := l.name(u.Lap, o, int(sent.Position))
	if k.kind == KindAltered {
		l.got.path(item, k.field)
	}
	if k.kind == KindAltered || k.kind == KindMoved {
		place := fmt.Sprintf("%s of lap %d, %v %d/%d/%d", k.kind, u.Lap, u.Signal, u.Segment, sent.Record, sent.Position)
		if l.once[place] {
			return
		}
		l.once[place] = true
	}
	l.got.add(k.kind, item, int(n))
	if k.kind == KindLost {
		l.lost.add(o.request(u.Lap), item, 1)
	}
}

// expect fills the list of what was done, and returns the totals that follow.
func (l *lists) expect(all []damage.Expectation) (totals [otlp.NumSignals]map[string]int) {
	l.either = make(map[string]*either)
	for sig := range totals {
		totals[sig] = make(map[string]int)
	}
	for _, e := range all {
		if e.Item == nil {
			l.want.add(KindMadeUp, fmt.Sprintf("message %d, %d", e.Message, e.Place), 1)
			totals[e.Signal][KindMadeUp]++
			continue
		}
		n := uint64(len(l.run.order))
		lap, o := e.Item.Request/n, &l.run.order[e.Item.Request%n]
		item := l.name(lap, o, e.Item.Position)
		count := totals[e.Item.Signal]
		switch e.Class {
		case damage.Refused, damage.IncompleteTraces:
			count[string(e.Class)]++ // no finding tells which
		case damage.LostOrRefused:
			request := o.request(lap)
			if l.either[request] == nil {
				l.either[request] = &either{lost: e.Count, items: make(map[string]int)}
				count[KindLost] += e.Count
				count[string(damage.Refused)] -= e.Count
			}
			l.either[request].items[item]++
			count[string(damage.Refused)]++
		case damage.SplitTraces:
			l.want.add(KindSplit, fmt.Sprintf("trace %x", e.Item.TraceID), 1)
			count[KindSplit]++
		default:
			n := 1
			if e.Class == damage.Duplicated {
				n = e.Count
			}
			l.want.add(string(e.Class), item, n)
			count[string(e.Class)] += n
			if e.Class == damage.Altered {
				l.want.path(item, form.AnyIndex(e.Path))
			}
		}
	}
	return totals
}

// differ returns how the lists differ, item by item.
func (l *lists) differ() (wrong []string) {
	for request, e := range l.either {
		for item, n := range l.lost.count[request] {
			if n > e.items[item] {
				wrong = append(wrong, fmt.Sprintf("lost: %s, which arrived", item))
			}
			e.lost -= n
			l.got.add(KindLost, item, -n)
		}
		if e.lost != 0 {
			wrong = append(wrong, fmt.Sprintf("%s: %d fewer lost than were lost", request, e.lost))
		}
	}
	for _, class := range keysOf(l.want.count, l.got.count) {
		for _, item := range keysOf(l.want.count[class], l.got.count[class]) {
			if want, got := l.want.count[class][item], l.got.count[class][item]; want != got {
				text := fmt.Sprintf("%s: %s: found %d, done %d", class, item, got, want)
				if class == KindAltered {
					text += fmt.Sprintf(" of %v %v", slices.Sorted(maps.Keys(l.got.paths[item])), slices.Sorted(maps.Keys(l.want.paths[item])))
				}
				wrong = append(wrong, text)
			}
		}
	}
	for _, item := range slices.Sorted(maps.Keys(l.want.paths)) {
		for path := range l.got.paths[item] {
			if !within(path, l.want.paths[item]) {
				wrong = append(wrong, fmt.Sprintf("altered: %s: found %s, done %v", item, path, slices.Collect(maps.Keys(l.want.paths[item]))))
			}
		}
	}
	return wrong
}

// keysOf returns the keys of two maps in their order.
func keysOf[V any](a, b map[string]V) []string {
	all := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(all)
	return slices.Compact(all)
}

// within reports whether a path is one of those, or within one.
func within(path string, of map[string]bool) bool {
	for p := range of {
		if rest, ok := strings.CutPrefix(path, p); ok && (rest == "" || strings.ContainsRune(".[{#", rune(rest[0]))) {
			return true
		}
	}
	return false
}

// wrongTotals returns which totals are not those of what was done.
func wrongTotals(r *Result, want [otlp.NumSignals]map[string]int) (wrong []string) {
	kinds := make(map[string]uint64)
	for _, f := range r.Findings {
		kinds[f.Kind] += f.Count
	}
	sum := make(map[string]int)
	for sig := range otlp.Signal(otlp.NumSignals) {
		got, ok := r.BySignal[sig.String()]
		for class, n := range byClass(&got) {
			if n != uint64(want[sig][class]) {
				wrong = append(wrong, fmt.Sprintf("%v: %s: total %d (told: %v), done %d", sig, class, n, ok, want[sig][class]))
			}
			sum[class] += int(n)
		}
	}
	for class, n := range byClass(&r.Totals) {
		if n != uint64(sum[class]) {
			wrong = append(wrong, fmt.Sprintf("%s: total %d, of the signals %d", class, n, sum[class]))
		}
		switch class {
		case KindAltered, KindMoved, "refused", "incomplete_traces": // of which one may have several findings, or none
		default:
			if kinds[class] != n {
				wrong = append(wrong, fmt.Sprintf("%s: findings of %d, total %d", class, kinds[class], n))
			}
		}
	}
	return wrong
}

func byClass(t *Totals) map[string]uint64 {
	late := uint64(0)
	if t.Late != nil {
		late = *t.Late
	}
	return map[string]uint64{
		KindLost: t.Lost, KindUnknown: t.LostUnknown, KindDuplicated: t.Duplicated, KindAltered: t.Altered, KindMadeUp: t.MadeUp,
		KindMoved: t.Moved, KindReordered: t.Reordered, KindLate: late, KindSplit: t.SplitTraces,
		"incomplete_traces": t.IncompleteTraces, "refused": t.Refused,
	}
}
