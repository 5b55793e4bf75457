package replay

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestPlannedTimesAsFastAsRecorded(t *testing.T) {
	known := Total{Records: 1001, Items: 20_020, Span: 500 * time.Second}
	for _, row := range []struct {
		why   string
		total Total
		pacer Pacer
		want  float64
	}{
		{"1,000 intervals of half a second in a tenth of one each", known, perSecond(10), 5},
		{"slower than recorded", known, perSecond(1), 0.5},
		{"by items", known, Constant{PerSecond(400), UnitItems}, 10},
		{"a timeline is what it says", known, Timeline{PerSecond(24)}, 24},
		{"also where nothing else is known", Total{}, Timeline{PerSecond(24)}, 24},
		{"a ramp on average", known, Ramp{PerSecond(10), UnitRecords, 200 * time.Second}, 2.5},
		{"without a schedule nobody knows", known, Unpaced{}, 0},
		{"files without counts", Total{}, perSecond(10), 0},
		{"one record has no length", Total{Records: 1, Items: 1}, perSecond(10), 0},
		{"all at one time", Total{Records: 5, Items: 5}, perSecond(10), 0},
	} {
		if got := PlannedTimes(plannedSource{Of: row.total}, row.pacer); got != row.want {
			t.Errorf("%s: got %v, want %v", row.why, got, row.want)
		}
	}
}

// Files carry no counts: what is told of them afterwards is the first lap's.
func TestTimesRecordedIsMeasuredWhereItIsNotPlanned(t *testing.T) {
	var l firstLap
	for i := range uint64(11) {
		l.note(1_000_000_000_000+i*uint64(time.Second), time.Duration(i)*100*time.Millisecond)
	}
	r := &run{Options: &Options{Pacer: perSecond(10)}, source: plannedSource{}, lap: l}
	if got := r.timesRecorded(&Report{}); got != 10 {
		t.Errorf("got %v, want 10", got)
	}
}

// The rate is that of the schedule: a first record that was late by itself makes
// it no higher, and the last one's lateness makes it lower.
func TestAchievedRateIsOverTheSchedulesTime(t *testing.T) {
	r := &run{Options: &Options{Pacer: perSecond(10)}, source: &fakeSource{}, start: time.Unix(1e9, 0)}
	send := func(due, sent time.Duration) {
		o := outcome{items: 2, due: due, sent: sent, done: sent + time.Second}
		r.counters[int(due/time.Millisecond)%numCounters].record(&o, r.Options, r.wall)
	}
	send(0, 50*time.Millisecond)
	for i := 1; i < 10; i++ {
		send(time.Duration(i)*100*time.Millisecond, time.Duration(i)*100*time.Millisecond)
	}
	send(time.Second, time.Second)
	if rep := r.report(10*time.Second, true, nil); rep.AchievedRPS != 10 || rep.AchievedItemsPerSecond != 20 {
		t.Errorf("got %v records/s and %v items/s, want 10 and 20", rep.AchievedRPS, rep.AchievedItemsPerSecond)
	}
	send(1100*time.Millisecond, 2200*time.Millisecond)
	if rep := r.report(10*time.Second, true, nil); rep.AchievedRPS != 5 {
		t.Errorf("got %v records/s, want 5", rep.AchievedRPS)
	}
}

// What others said reaches no terminal raw, and a program that reads JSON gets it
// as it was.
func TestReportsEscapeWhatOthersSaid(t *testing.T) {
	const said = "\x1b[31mred \u009b31m \u202egpj.exe \x7f \U000e0001 \u2028 caf\u00e9"
	r := &Report{Source: said, Notes: []Note{{said, 1}}, Reasons: []Reason{{Outcome: "failed", Reason: "http 500", Message: said}}, Signals: map[string]SignalReport{}}
	var js, text bytes.Buffer
	if err := r.WriteJSON(&js); err != nil {
		t.Fatal(err)
	}
	if err := r.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]string{"JSON": js.String(), "text": text.String()} {
		if i := strings.IndexAny(got, "\x1b\u009b\u202e\x7f\U000e0001\u2028"); i >= 0 {
			t.Errorf("%s has %q", name, got[i:i+8])
		}
		if !strings.Contains(got, "caf\u00e9") {
			t.Errorf("%s escapes letters: %s", name, got)
		}
	}
	var back Report
	if err := json.Unmarshal(js.Bytes(), &back); err != nil || back.Source != said || back.Reasons[0].Message != said {
		t.Errorf("got %q, %v", back.Source, err)
	}
}
