package scenario

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/arrivals"
)

var (
	arrivalKeys  = []string{"rate", "day", "week", "bursts", "late", "together", "description"} // description unused
	burstKeys    = []string{"every", "duration", "factor", "at", "description"}
	arrivalWords = []string{"constant", "poisson"}
	weekdays     = []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
)

// arrivalParts are what arrivals may say, for messages.
const arrivalParts = "rate, day, week, bursts, late, together"

// arrivals reads how iterations arrive; nil is one every interval.
func (l *loader) arrivals(m input.Map) *arrivals.Model {
	n := m.Get("arrivals")
	if n == nil {
		return nil
	}
	if n.Kind == input.String {
		if m.OneOf("arrivals", "constant", arrivalWords...) == "poisson" {
			return &arrivals.Model{}
		}
		return nil
	}
	if n.Kind != input.Mapping {
		n.Fail(l.p, "found %s, want constant, poisson, or a mapping with some of "+arrivalParts, n.Describe())
		return nil
	}
	before := l.p.Found()
	x, _ := n.Map(l.p, arrivalKeys...)
	out := &arrivals.Model{}
	if x.Get("rate") != nil {
		out.Rate = l.perSecond(x.Get("rate"))
		if out.Rate == 0 && l.p.Found() == before {
			x.Fail("rate", "0: nothing would ever arrive")
		}
	}
	l.curve(x, "day", arrivals.Day, out)
	l.curve(x, "week", arrivals.Week, out)
	out.Bursts = l.bursts(x)
	l.pace(x, out)
	given := slices.DeleteFunc([]string{"rate", "day", "week"}, func(key string) bool { return x.Get(key) == nil })
	switch {
	case len(given) > 1:
		x.Fail(given[1], "cannot be combined with %s: one of them says how many arrive", given[0])
	case reflect.DeepEqual(out, &arrivals.Model{}) && l.p.Found() == before && x.Get("together") == nil:
		n.Fail(l.p, "says nothing: want some of %s, or the word poisson", arrivalParts)
	}
	if l.p.Found() > before {
		return nil
	}
	// What only all of it together tells.
	try := arrivals.Run{Interval: time.Second, Place: func(int, uint64, uint64) uint64 { return 0 }}
	if _, err := arrivals.New(out, try); err != nil {
		n.Fail(l.p, "%v", err)
		return nil
	}
	return out
}

// perSecond reads a rate, in millionths.
func (l *loader) perSecond(n *input.Node) uint64 {
	v, ok := n.Within(l.p, 0, arrivals.MaxRate/arrivals.Million)
	if !ok {
		return 0
	}
	rate := millionths(v)
	if rate == 0 && v > 0 {
		n.Fail(l.p, "%v a second is below the least there is, %s", v, arrivals.Decimal(1))
	}
	return rate
}

// millionths rounds to them.
func millionths(v float64) uint64 { return uint64(math.Floor(float64(v*arrivals.Million) + 0.5)) }

// curve reads the points of a period. A mapping has no order, so they get one.
func (l *loader) curve(x input.Map, key string, period time.Duration, out *arrivals.Model) {
	if x.Get(key) == nil {
		return
	}
	section, ok := x.Map(key)
	if !ok {
		return
	}
	before := l.p.Found()
	var points []arrivals.Point
	taken := make(map[time.Duration]input.Pos)
	some := false
	for _, e := range section.Entries() {
		at, err := clock(e.Key, period)
		switch first, twice := taken[at]; {
		case err != nil:
			l.p.Errorf(e.Pos, "%s: %v", section.Node.Path(), err)
			continue
		case twice:
			l.p.Errorf(e.Pos, "%s: %s is there twice; the first is at %s", section.Node.Path(), input.Quote(e.Key), first)
			continue
		case e.Value.Kind == input.Null:
			e.Value.Fail(l.p, "missing")
			continue
		}
		taken[at] = e.Pos
		rate := l.perSecond(e.Value)
		some = some || rate > 0
		points = append(points, arrivals.Point{At: at, Rate: rate})
	}
	switch {
	case len(section.Entries()) == 0:
		x.Fail(key, "no points")
	case len(points) > arrivals.MaxPoints:
		x.Fail(key, "%d points, want at most %d", len(points), arrivals.MaxPoints)
	case !some && l.p.Found() == before:
		x.Fail(key, "0 at all times: nothing would ever arrive")
	}
	slices.SortFunc(points, func(a, b arrivals.Point) int { return cmp.Compare(a.At, b.At) })
	out.Period, out.Points = period, points
}

// clock reads a time of the day, such as 9, 9.5 or 9:30, or of the week: hours
// since Monday, or a day with a time of it, such as tue 9:30.
func clock(text string, period time.Duration) (time.Duration, error) {
	word, rest := strings.TrimSpace(text), ""
	since, most := time.Duration(0), period
	if i := strings.IndexAny(word, " \t"); i >= 0 {
		word, rest = word[:i], strings.TrimSpace(word[i:])
	}
	if letters := strings.ToLower(word); letters != "" && letters[0] >= 'a' && letters[0] <= 'z' {
		if period != arrivals.Week {
			return 0, fmt.Errorf("%s is no time of the day; days go below week", input.Quote(text))
		}
		day := slices.IndexFunc(weekdays, func(d string) bool { return letters == d || letters == d[:3] })
		if day < 0 {
			return 0, fmt.Errorf("%s", input.Unknown("day", letters, weekdayNames(len(letters) <= 3)))
		}
		since, most = time.Duration(day)*arrivals.Day, arrivals.Day
		if word = rest; word == "" {
			return since, nil
		}
	} else if rest != "" {
		word = text
	}
	at, ok := hours(word)
	if !ok || at >= most {
		want := "a time of the day below 24, as in 9, 9.5 or 9:30"
		if period == arrivals.Week {
			want = "hours since Monday below 168, or a day with a time below 24, as in tue 9:30"
		}
		return 0, fmt.Errorf("found %s, want %s", input.Quote(text), want)
	}
	return since + at, nil
}

// weekdayNames lists the days, or their short names.
func weekdayNames(short bool) []string {
	names := slices.Clone(weekdays)
	for i := range names {
		if short {
			names[i] = names[i][:3]
		}
	}
	return names
}

// hours reads hours, in whole or with decimals, or with minutes.
func hours(text string) (time.Duration, bool) {
	digits := func(s string) bool { return s != "" && len(s) <= 9 && strings.Trim(s, "0123456789") == "" }
	if h, m, ok := strings.Cut(text, ":"); ok {
		if !digits(h) || !digits(m) || len(m) != 2 || m > "59" {
			return 0, false
		}
		n, _ := strconv.Atoi(h)
		minutes, _ := strconv.Atoi(m)
		return min(time.Duration(n), 1000)*time.Hour + time.Duration(minutes)*time.Minute, true
	}
	whole, part, dot := strings.Cut(text, ".")
	if !digits(whole) || dot && !digits(part) {
		return 0, false
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, false
	}
	return time.Duration(math.Floor(float64(min(v, 1000)*3.6e6)+0.5)) * time.Millisecond, true
}

// bursts reads a list of them, or one.
func (l *loader) bursts(x input.Map) []arrivals.Burst {
	n := x.Get("bursts")
	if n == nil {
		return nil
	}
	items, _ := n.Items(l.p, input.Mapping)
	if len(items) == 0 && n.Kind == input.List {
		n.Fail(l.p, "names nothing; leave the key out")
	}
	if len(items) > arrivals.MaxBursts {
		n.Fail(l.p, "%d bursts, want at most %d", len(items), arrivals.MaxBursts)
	}
	var out []arrivals.Burst
	for _, item := range items {
		if m, ok := item.Map(l.p, burstKeys...); ok {
			out = append(out, l.burst(m))
		}
	}
	return out
}

func (l *loader) burst(m input.Map) arrivals.Burst {
	before := l.p.Found()
	for _, key := range []string{"every", "duration", "factor"} {
		if m.Get(key) == nil {
			m.Fail(key, "missing")
		}
	}
	b := arrivals.Burst{
		Every: l.moment(m, "every", time.Hour), Duration: l.moment(m, "duration", time.Second), Random: true,
		Factor: millionths(m.Float("factor", 2, 1, arrivals.MaxFactor/arrivals.Million)),
	}
	if at := m.Get("at"); at != nil && !(at.Kind == input.String && strings.EqualFold(at.Text(), "random")) {
		b.Random, b.At = false, l.moment(m, "at", 0)
	}
	switch {
	case l.p.Found() > before:
	case b.Every <= 0 || b.Every > arrivals.MaxEvery:
		m.Fail("every", "%v is not above 0s and up to %v", b.Every, arrivals.MaxEvery)
	case b.Duration <= 0 || b.Duration > b.Every:
		m.Fail("duration", "%v is not above 0s and up to every, %v", b.Duration, b.Every)
	case b.Factor <= arrivals.Million:
		m.Fail("factor", "1 changes nothing; want more")
	case b.At > b.Every-b.Duration:
		m.Fail("at", "%v is too late: a burst of %v would not end within its %v", b.At, b.Duration, b.Every)
	}
	return b
}
