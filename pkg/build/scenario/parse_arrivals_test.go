package scenario

import (
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/arrivals"
)

const million = arrivals.Million

func TestArrivals(t *testing.T) {
	for _, row := range []struct {
		text string
		want *arrivals.Model
	}{
		{"", nil},
		{"arrivals:\n", nil},
		{"arrivals: constant\n", nil},
		{"arrivals: Poisson\n", &arrivals.Model{}},
		{"arrivals: {rate: 2.5, description: as on Mondays}\n", &arrivals.Model{Rate: 2_500_000}},
		{"arrivals: {day: {0: 0.2, 23.5: 5, 9:30: 8, '07': 1e-6}}\n", &arrivals.Model{Period: arrivals.Day, Points: []arrivals.Point{
			{At: 0, Rate: 200_000}, {At: 7 * time.Hour, Rate: 1}, {At: 9*time.Hour + 30*time.Minute, Rate: 8 * million}, {At: 23*time.Hour + 30*time.Minute, Rate: 5 * million}}}},
		{"arrivals: {week: {sun 23:59: 1, Mon: 2, 'tuesday 9': 3, wed 0:00: 4, 100: 5, thu 6.25: 6}}\n", &arrivals.Model{Period: arrivals.Week, Points: []arrivals.Point{
			{At: 0, Rate: 2 * million}, {At: 33 * time.Hour, Rate: 3 * million}, {At: 48 * time.Hour, Rate: 4 * million}, {At: 78*time.Hour + 15*time.Minute, Rate: 6 * million},
			{At: 100 * time.Hour, Rate: 5 * million}, {At: 167*time.Hour + 59*time.Minute, Rate: million}}}},
		{"arrivals:\n  bursts: {every: 10m, duration: 30s, factor: 8}\n", &arrivals.Model{Bursts: []arrivals.Burst{
			{Every: 10 * time.Minute, Duration: 30 * time.Second, Factor: 8 * million, Random: true}}}},
		{"arrivals:\n  rate: 1\n  bursts:\n  - {every: 600, duration: 1.5, factor: 1.25, at: 9m}\n  - {every: 24h, duration: 1h, factor: 1000, at: Random}\n", &arrivals.Model{Rate: million, Bursts: []arrivals.Burst{
			{Every: 10 * time.Minute, Duration: 1500 * time.Millisecond, Factor: 1_250_000, At: 9 * time.Minute},
			{Every: 24 * time.Hour, Duration: time.Hour, Factor: 1000 * million, Random: true}}}},
		{"arrivals: {late: 1.5}\n", &arrivals.Model{Late: []arrivals.Late{{By: 1_500_000, Weight: million}}}},
		{"arrivals: {rate: 3, late: {20: 10, 0.5: 90}, together: 2}\n", &arrivals.Model{Rate: 3 * million, Together: 2, Late: []arrivals.Late{{By: 500_000, Weight: 90 * million}, {By: 20 * million, Weight: 10 * million}}}},
		{"arrivals: {together: 3}\n", &arrivals.Model{Together: 3}},
		{"arrivals: {rate: 1, together: 1}\n", &arrivals.Model{Rate: million}},
	} {
		c, problems := withPhases(t, row.text)
		checkLines(t, problems)
		if !reflect.DeepEqual(c.Arrivals, row.want) {
			t.Errorf("%s\ngot  %+v\nwant %+v", row.text, c.Arrivals, row.want)
		}
	}
}

func TestMistakesInArrivals(t *testing.T) {
	line := "a.yaml:" + strconv.Itoa(strings.Count(small, "\n")+1)
	for _, row := range []struct {
		text string
		want []string
	}{
		{"arrivals: poison", []string{`:11: arrivals: unknown value "poison"; did you mean "poisson"? allowed: constant, poisson`}},
		{"arrivals: 5", []string{":11: arrivals: found integer 5, want constant, poisson, or a mapping with some of rate, day, week, bursts, late, together"}},
		{"arrivals: {}", []string{":11: arrivals: says nothing: want some of rate, day, week, bursts, late, together, or the word poisson"}},
		{"arrivals: {rates: 5}", []string{`:12: unknown key "rates"; did you mean "rate"? allowed: bursts, day, description, late, rate, together, week`}},
		{"arrivals: {rate: 0}", []string{":18: arrivals.rate: 0: nothing would ever arrive"}},
		{"arrivals: {rate: -1}", []string{":18: arrivals.rate: -1 is negative"}},
		{"arrivals: {rate: 1e7}", []string{":18: arrivals.rate: 1e+07 is not between 0 and 1e+06"}},
		{"arrivals: {rate: 1e-7}", []string{":18: arrivals.rate: 1e-07 a second is below the least there is, 0.000001"}},
		{"arrivals: {rate: fast}", []string{`:18: arrivals.rate: found string "fast", want a number`}},
		{"arrivals: {rate: 1, day: {0: 1}}", []string{":26: arrivals.day: cannot be combined with rate: one of them says how many arrive"}},
		{"arrivals: {day: {}}", []string{":17: arrivals.day: no points"}},
		{"arrivals: {day: 5}", []string{":17: arrivals.day: found integer 5, want a mapping"}},
		{"arrivals: {day: {0: 0, 12: 0.0}}", []string{":17: arrivals.day: 0 at all times: nothing would ever arrive"}},
		{"arrivals: {day: {24: 1, 9:60: 1, noon: 2, -1: 1, 1e3: 1}}", []string{
			`:18: arrivals.day: found "24", want a time of the day below 24, as in 9, 9.5 or 9:30`,
			`:25: arrivals.day: found "9:60", want a time of the day below 24, as in 9, 9.5 or 9:30`,
			`:34: arrivals.day: "noon" is no time of the day; days go below week`,
			`:43: arrivals.day: found "-1", want a time of the day below 24, as in 9, 9.5 or 9:30`,
			`:50: arrivals.day: found "1e3", want a time of the day below 24, as in 9, 9.5 or 9:30`}},
		{"arrivals: {day: {9: 1, '09:00': 2}}", []string{`:24: arrivals.day: "09:00" is there twice; the first is at ` + line + ":18"}},
		{"arrivals: {day: {9: , 10: -3}}", []string{":21: arrivals.day.9: missing", ":27: arrivals.day.10: -3 is negative"}},
		{"arrivals: {week: {mo: 1, sat 24: 2, 168: 3, mon 3 4: 1}}", []string{
			`:19: arrivals.week: unknown day "mo"; did you mean "mon"? allowed: fri, mon, sat, sun, thu, tue, wed`,
			`:26: arrivals.week: found "sat 24", want hours since Monday below 168, or a day with a time below 24, as in tue 9:30`,
			`:37: arrivals.week: found "168", want hours since Monday below 168, or a day with a time below 24, as in tue 9:30`,
			`:45: arrivals.week: found "mon 3 4", want hours since Monday below 168, or a day with a time below 24, as in tue 9:30`}},
		{"arrivals: {bursts: []}", []string{":20: arrivals.bursts: names nothing; leave the key out"}},
		{"arrivals: {bursts: {}}", []string{":20: arrivals.bursts.every: missing", ":20: arrivals.bursts.duration: missing", ":20: arrivals.bursts.factor: missing"}},
		{"arrivals: {bursts: {every: 0, duration: 1s, factor: 2}}", []string{":28: arrivals.bursts.every: 0s is not above 0s and up to 8784h0m0s"}},
		{"arrivals: {bursts: {every: 1m, duration: 61, factor: 2}}", []string{":42: arrivals.bursts.duration: 1m1s is not above 0s and up to every, 1m0s"}},
		{"arrivals: {bursts: {every: 1m, duration: 1, factor: 1}}", []string{":53: arrivals.bursts.factor: 1 changes nothing; want more"}},
		{"arrivals: {bursts: {every: 1m, duration: 1, factor: 0.5}}", []string{":53: arrivals.bursts.factor: 0.5 is not between 1 and 1000"}},
		{"arrivals: {bursts: {every: 1m, duration: 1, factor: 2, at: 59.5}}", []string{":60: arrivals.bursts.at: 59.5s is too late: a burst of 1s would not end within its 1m0s"}},
		{"arrivals: {late: -1}", []string{":18: arrivals.late: -1 is negative"}},
		{"arrivals: {late: 1025}", []string{":18: arrivals.late: 1025 is not between 0 and 1024"}},
		{"arrivals: {late: much}", []string{`:18: arrivals.late: found string "much", want a number`}},
		{"arrivals: {late: {}}", []string{":18: arrivals.late: says nothing: want times to weights"}},
		{"arrivals: {late: {1: 0}}", []string{":22: arrivals.late.1: 0 is no weight: want a millionth at least"}},
		{"arrivals: {late: {1: 1, 1.0: 2}}", []string{`:25: arrivals.late: "1.0" is there twice; the first is at ` + line + ":19"}},
		{"arrivals: {together: 0}", []string{":22: arrivals.together: 0 is not between 1 and 1024"}},
		{"arrivals: {rate: 1e-6, bursts: {every: 1m, duration: 1, factor: 1.5}}", []string{":11: arrivals: bursts[0]: it adds less than a millionth of an iteration per second"}},
	} {
		_, problems := withPhases(t, row.text+"\n")
		for i := range row.want {
			row.want[i] = line + row.want[i]
		}
		if !reflect.DeepEqual(problems, row.want) {
			t.Errorf("%s\ngot\n%s\nwant\n%s", row.text, strings.Join(problems, "\n"), strings.Join(row.want, "\n"))
		}
	}
}

// FuzzArrivals reads anything as arrivals: what loads without an error is a
// model that a run can have, and reading it again gives the same.
func FuzzArrivals(f *testing.F) {
	for _, s := range []string{
		"poisson", "constant", "{rate: 2.5}", "{day: {0: 0.2, 9:30: 8, 23.5: 5}}", "{week: {mon: 1, tue 9:30: 2, 100: 0}}",
		"{bursts: {every: 10m, duration: 30s, factor: 8, at: 1m}}", "{rate: 1, bursts: [{every: 1h, duration: 1, factor: 1.000001}]}",
		"{day: {0: 1e999}}", "{day: {99999999999: 1}}", "{week: {mon 99999999999:00: 1}}", "{late: 2}", "{late: {0: 1, 3.5: 2}, together: 7}", "[]", "{bursts: [null, {every: 1e300}]}",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var p input.Problems
		read := func() *arrivals.Model {
			p = input.Problems{}
			c := ParseConfig(input.File{Name: "a.yaml", Data: []byte(small + "arrivals: " + text + "\n")}, &p)
			if c == nil {
				return nil
			}
			return c.Arrivals
		}
		m := read()
		if m == nil {
			return
		}
		if again := read(); !reflect.DeepEqual(m, again) {
			t.Fatalf("read twice, %q is %+v and %+v", text, m, again)
		}
		if p.Errors() > 0 {
			return // something else is wrong
		}
		c, err := arrivals.New(m, arrivals.Run{Start: 1_767_225_600e9, Interval: time.Second, Place: func(_ int, _, slack uint64) uint64 { return slack }})
		if err != nil {
			t.Fatalf("%q loads, and no run can have it: %v", text, err)
		}
		at := []uint64{0, 1, arrivals.BlockUnits / 2, arrivals.BlockUnits - 1}
		if c.Spread(1, at); at[0] > at[1] || at[1] > at[2] || at[2] > at[3] {
			t.Fatalf("%q: out of order: %v", text, at)
		}
		if most := m.MostLoad(); c.Load(at[2]) > most {
			t.Fatalf("%q: load %d, at most %d", text, c.Load(at[2]), most)
		}
	})
}
