package page

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/internal/browser"
	"github.com/otelsim/otelsim/pkg/replay"
)

var start = time.Date(2026, 3, 29, 22, 58, 0, 0, time.UTC)

// series is that of a run of the given length, with a stall in its middle that
// lasts a tenth of it.
func series(length time.Duration, perSecond float64, buckets int) *replay.Series {
	s := &replay.Series{Width: length / time.Duration(buckets), Buckets: make([]replay.Bucket, buckets),
		LastDue: length - 1, LastSent: length - 1}
	for i := range s.Buckets {
		b := &s.Buckets[i]
		n := uint64(perSecond * s.Width.Seconds())
		b.Due, b.Sent = replay.Count{Records: n, Items: 30 * n}, replay.Count{Records: n, Items: 30 * n}
		b.Accepted, b.Answered = n, n
		b.P50, b.P99, b.Max = 2e6+int64(i%7)*1e5, 9e6+int64(i%11)*1e6, 20e6+int64(i%5)*4e6
		if stall := i - buckets/2; stall >= 0 && stall < buckets/10 {
			b.Sent.Records /= 2
			b.Late, b.Retried, b.Failed, b.Unknown, b.Accepted = n/2, n/3, n/10, n/20, n-n/10-n/20
			b.P99 = max(3e9-int64(stall)*2e8, 5e7)
			b.Max = b.P99 + 1e9
		}
	}
	for k := range 60 {
		part := 1 - math.Pow(0.5, float64(k)/3)
		s.FromDue = append(s.FromDue, replay.Quantile{Part: part, Nanos: int64(2e6 * math.Exp(float64(k)/8))})
		s.FromSend = append(s.FromSend, replay.Quantile{Part: part, Nanos: int64(2e6 * math.Exp(float64(k)/16))})
		s.Lateness = append(s.Lateness, replay.Quantile{Part: part, Nanos: int64(1e4 * math.Exp(float64(k)/9))})
	}
	return s
}

// report is that of a run of the given length and number of records.
func report(length time.Duration, records uint64, buckets int) *replay.Report {
	perSecond := float64(records) / length.Seconds()
	l := replay.Latency{Count: int64(records), P50: 2.1e6, P90: 5e6, P99: 12.3e6, P999: 1.2e9, Max: 4e9}
	records10 := records / 10
	ledger := replay.Ledger{Due: records, Accepted: records - records10, Failed: records10, Late: records10 / 2, Retried: records / 7}
	items := replay.Ledger{Due: 30 * records, Accepted: 30 * (records - records10), Failed: 30 * records10, Late: 15 * records10}
	sig := replay.SignalReport{Records: ledger, Items: items, FromDue: l, FromSend: l}
	return &replay.Report{
		Source: "corpus", Target: text.Grouped(uint64(perSecond)) + " records/s", TargetRPS: perSecond, AchievedRPS: perSecond * 0.9998,
		AchievedItemsPerSecond: perSecond * 30, Records: ledger, Items: items, LostRecords: records10, LostItems: 30 * records10,
		Sends: records, Bytes: 1 << 33, Duration: length.Seconds(), Start: start, End: start.Add(length),
		FromDue: l, FromSend: l, Lateness: l, LateAfter: 10e6,
		Signals: map[string]replay.SignalReport{"traces": sig, "metrics": sig, "logs": sig},
		Reasons: []replay.Reason{
			{Outcome: "failed", Reason: "http 503", Records: records10, Items: 30 * records10,
				Message: `<script>alert("x")</script> & ` + strings.Repeat("no capacity ", 20)},
			{Outcome: "retried", Reason: "grpc Unavailable", Records: records / 7, Items: 30},
		},
		Series: series(length, perSecond, buckets),
	}
}

// single is the report of a run with one record.
func single() *replay.Report {
	one := replay.Ledger{Due: 1, Accepted: 1}
	l := replay.Latency{Count: 1, P50: 1.5e6, P90: 1.5e6, P99: 1.5e6, P999: 1.5e6, Max: 1.5e6}
	all := []replay.Quantile{{Part: 0, Nanos: 1.5e6}, {Part: 1, Nanos: 1.5e6}}
	c := replay.Count{Records: 1, Items: 3}
	return &replay.Report{
		Source: "c", Target: "5 records/s", TargetRPS: 5, Records: one, Items: replay.Ledger{Due: 3, Accepted: 3}, Sends: 1,
		Start: start, End: start.Add(2e6), Duration: 0.002, FromDue: l, FromSend: l, Lateness: l, LateAfter: 10e6,
		Signals: map[string]replay.SignalReport{"traces": {Records: one}},
		Series: &replay.Series{Width: time.Millisecond, FromDue: all, FromSend: all, Lateness: all, Buckets: []replay.Bucket{
			{Due: c, Sent: c, Answered: 1, P50: 1.5e6, P99: 1.5e6, Max: 1.5e6}, {Accepted: 1}}},
	}
}

// unanswered is the report of a run in which every record failed.
func unanswered() *replay.Report {
	r := report(10*time.Second, 1000, 40)
	all := replay.Ledger{Due: 1000, Failed: 1000}
	r.Records, r.FromDue, r.FromSend = all, replay.Latency{}, replay.Latency{}
	r.Signals = map[string]replay.SignalReport{"traces": {Records: all}}
	for i := range r.Series.Buckets {
		b := &r.Series.Buckets[i]
		b.Failed, b.Accepted, b.Answered, b.P50, b.P99, b.Max = b.Accepted+b.Failed, 0, 0, 0, 0, 0
	}
	r.Series.FromDue, r.Series.FromSend = nil, nil
	return r
}

// pages are what a page can look like, by name.
func pages() map[string]*Page {
	settings := []Setting{{"protocol", "grpc"}, {"endpoint of traces", "https://" + strings.Repeat("collector.", 12) + "example:4317"},
		{"headers", "authorization, x-tenant"}, {"retries", "for 30s"}, {"condition", "p99>50ms"}}
	of := func(r *replay.Report, unit replay.Unit, failures ...string) *Page {
		return &Page{Report: r, Unit: unit, Failures: failures, Settings: settings, Program: "otelsim-replay devel"}
	}
	interrupted := report(90*time.Second, 90000, 96)
	interrupted.Interrupted = true
	fast := report(700*time.Millisecond, 80000, 175)
	fast.TargetRPS, fast.Target = 0, "unpaced"
	long := report(time.Hour, 12345678, 120)
	long.Source = "/data/" + strings.Repeat("a-very-long-name/", 15) + "corpus"
	broken := of(report(2*time.Second, 100, 12), replay.UnitRecords)
	broken.Broken = errors.New("replay corpus: segment 3: digest mismatch: manifest a1b2, file c3d4")
	return map[string]*Page{
		"minutes":     of(report(10*time.Minute, 3e6, 150), replay.UnitRecords, "100 of 3,000,000 records lost (3,000 items)"),
		"single":      of(single(), replay.UnitRecords),
		"nothing":     of(&replay.Report{Source: "c", Target: "5 records/s", Start: start, End: start, Interrupted: true}, replay.UnitRecords),
		"unanswered":  of(unanswered(), replay.UnitRecorded, "no record was answered (p99>1s)"),
		"interrupted": of(interrupted, replay.UnitItems),
		"day":         of(report(24*time.Hour, 86400*2500, 165), replay.UnitRecords),
		"month":       of(report(31*24*time.Hour, 86400*31, 100), replay.UnitRecords),
		"unpaced":     of(fast, replay.UnitNone),
		"million":     of(report(200*time.Second, 1e6, 192), replay.UnitRecords),
		"long names":  of(long, replay.UnitItems),
		"broken off":  broken,
	}
}

func write(t *testing.T, p *Page) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPagesAreWellFormed(t *testing.T) {
	for name, p := range pages() {
		t.Run(name, func(t *testing.T) {
			page := write(t, p)
			shown := browser.Words(t, page)
			for _, want := range []string{p.Report.Source, "Ledger", "Settings", "authorization", text.Grouped(p.Report.Records.Due)} {
				if !strings.Contains(shown, want) {
					t.Errorf("no %q on the page", want)
				}
			}
			if bytes.Contains(page, []byte("<script")) {
				t.Error("a message of the receiver became a script")
			}
		})
	}
}

// Whatever others wrote, names of files and words of receivers, is shown without
// the characters that a reader is deceived by.
func TestPagesShowForeignTextClean(t *testing.T) {
	const said = "\x1b[31mred\u009b31m\u202egpj.exe\x7f\U000e0001\u2028<b>"
	r := report(time.Second, 100, 10)
	r.Source, r.TimesRecorded = said, 12.5
	r.Records.Unknown = 7
	r.Notes = []replay.Note{{Note: said, Count: 3}}
	r.Reasons = []replay.Reason{{Outcome: "unknown", Reason: said, Message: said}}
	p := &Page{Report: r, Unit: replay.UnitRecords, Failures: []string{said}, Broken: errors.New(said), Settings: []Setting{{"source", said}}}
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	if i := strings.IndexAny(b.String(), "\x1b\u009b\u202e\x7f\U000e0001\u2028"); i >= 0 {
		t.Errorf("raw: %q", b.String()[max(i-60, 0):i+10])
	}
	if n := strings.Count(b.String(), "<b>"); n > 0 {
		t.Errorf("%d tags that are not ours", n)
	}
	for _, want := range []string{`\x1b[31mred\u009b31m\u202egpj.exe`, "12.5 times as fast as recorded", `<td class="bad">7</td>`, "failed + unknown"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s", want)
		}
	}
}

func TestPagesSayHowTheRunEnded(t *testing.T) {
	all := pages()
	for name, want := range map[string]string{"minutes": "failed", "single": "passed", "interrupted": "interrupted",
		"nothing": "Nothing was sent.", "unanswered": "No record was answered.", "broken off": "digest mismatch"} {
		if shown := browser.Words(t, write(t, all[name])); !strings.Contains(shown, want) {
			t.Errorf("%s: no %q", name, want)
		}
	}
	if shown := browser.Words(t, write(t, all["single"])); !strings.Contains(shown, "Too few records") {
		t.Error("a single record has a rate")
	}
}

// TestPagesInABrowser opens each page in windows of several widths. With
// OTELSIM_SCREENSHOTS set to a folder it leaves pictures there.
func TestPagesInABrowser(t *testing.T) {
	var views []browser.View
	for name, p := range pages() {
		page := write(t, p)
		for _, width := range []int{400, 720, 1400} {
			if width == 720 && name != "minutes" {
				continue // where the pictures change is the same on all
			}
			views = append(views, browser.View{Name: name, Page: page, Width: width, Height: 2600})
		}
	}
	browser.ForTest(t).SeeCharts(t, 40, views...)
}
