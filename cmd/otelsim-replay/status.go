package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/otelsim/otelsim/internal/terminal"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/endpoint"
)

// How often the status is looked at, and how often lines that stay are printed:
// those should be few. A line on a terminal is overwritten each time.
const (
	statusEvery = 250 * time.Millisecond
	linesEvery  = 5 * time.Second
)

// silence is how long a receiver may be silent before that is told, and
// noticesEvery how long a notice keeps others from being told.
const (
	silence      = 2 * time.Second
	noticesEvery = 5 * time.Second
)

// status prints how far a replay is.
type status struct {
	w        io.Writer
	terminal bool // one line, overwritten
	records  uint64
	length   time.Duration // planned; 0 when it is not known
	target   string        // to whom, and how

	last    replay.Status // that was printed
	seen    replay.Status // that was looked at
	shown   terminal.Line // on the terminal
	notice  string        // the last one, without what varies
	noticed time.Duration
	waits   bool          // there was nothing to do but wait
	left    time.Duration // until the start, when it was last printed; 0: never
}

// begin says what is going to happen.
func (s *status) begin(source, schedule string, times float64) {
	planned := "length unknown"
	switch {
	case s.length > 0 && s.records > 0:
		planned = fmt.Sprintf("%s in %v", text.Counted(s.records, "record"), s.length.Round(time.Millisecond))
	case s.length > 0:
		planned = fmt.Sprintf("for %v", s.length.Round(time.Millisecond))
	case s.records > 0:
		planned = text.Counted(s.records, "record")
	}
	if times > 0 {
		planned += ", " + replay.TimesAsFast(times)
	}
	fmt.Fprintf(s.w, "replay %s: %s, %s, to %s\n", text.Clean(source), schedule, planned, s.target)
}

// show prints the state, and what is worth a line of its own.
func (s *status) show(st replay.Status) {
	if st.Waits > 0 {
		s.showWait(st.Waits)
		return
	}
	if told := s.tell(st); told != "" {
		s.shown.Clear(s.w)
		fmt.Fprintln(s.w, told)
	}
	// Lines that stay are printed now and then, and when waiting begins.
	waits := st.InFlight > 0 && s.over(st)
	if s.terminal || st.Elapsed-s.last.Elapsed >= linesEvery || waits && !s.waits {
		s.print(st)
	}
	s.seen, s.waits = st, waits
}

// showWait says that the start is waited for: on a terminal all the time, else now and
// then.
func (s *status) showWait(left time.Duration) {
	line := fmt.Sprintf("waiting for the start, in %v", text.Tenths(left))
	switch {
	case s.terminal:
		s.shown.Show(s.w, line)
	case s.left == 0 || s.left-left >= linesEvery:
		fmt.Fprintln(s.w, line)
		s.left = left
	}
}

// print prints the state. The rate is that since the last time.
func (s *status) print(st replay.Status) {
	line := s.line(st)
	s.last = st
	if !s.terminal {
		fmt.Fprintln(s.w, line)
		return
	}
	s.shown.Show(s.w, line)
}

// line returns the state as text.
func (s *status) line(st replay.Status) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v", text.Tenths(st.Elapsed))
	if s.length > 0 {
		fmt.Fprintf(&b, " of %v", text.Tenths(s.length))
	}
	if s.records > 0 {
		fmt.Fprintf(&b, "  %s of %s", text.Grouped(st.Records.Due), text.Counted(s.records, "record"))
	} else {
		fmt.Fprintf(&b, "  %s", text.Counted(st.Records.Due, "record"))
	}
	if span := (st.Elapsed - s.last.Elapsed).Seconds(); span > 0 {
		fmt.Fprintf(&b, "  %s/s", text.Grouped(uint64(float64(st.Records.Due-s.last.Records.Due)/span+0.5)))
	}
	b.WriteString(s.wait(st))
	for _, c := range []struct {
		name string
		n    uint64
	}{
		{"late", st.Records.Late}, {"retried", st.Records.Retried}, {"throttled", st.Records.Throttled},
		{"rejected", st.Records.Rejected}, {"failed", st.Records.Failed}, {"unknown", st.Records.Unknown},
	} {
		if c.n > 0 {
			fmt.Fprintf(&b, "  %s %s", c.name, text.Grouped(c.n))
		}
	}
	if recent(st) {
		fmt.Fprintf(&b, "  last: %s", text.Clean(st.Trouble.Reason))
	}
	return b.String()
}

// wait says how long what is in flight may still take, when there is nothing to
// do but wait for it: the schedule is over or stopped, or nothing is finished.
func (s *status) wait(st replay.Status) string {
	if st.InFlight == 0 || !s.over(st) && st.Records.Due > s.seen.Records.Due {
		return ""
	}
	flight := "  " + text.Grouped(st.InFlight) + " in flight"
	switch {
	case st.Within == replay.NoTimeout:
		return flight + ", without limit"
	case st.Within > 0:
		return flight + fmt.Sprintf(", at most %v more", text.Tenths(st.Within))
	}
	return flight
}

// over reports whether nothing more will be released.
func (s *status) over(st replay.Status) bool {
	return st.Stopped || s.length > 0 && st.Elapsed > s.length || s.records > 0 && st.Records.Due+st.InFlight >= s.records
}

// recent reports whether the last attempt that failed is part of the picture.
func recent(st replay.Status) bool {
	return st.Trouble.Reason != "" && st.Elapsed-st.Trouble.At < linesEvery
}

// hopeless are the reasons that no further attempt will change: they are told
// from the first answer on.
var hopeless = []string{"wrong protocol", "tls refused", "payload"}

// tell returns a notice about a receiver that does not answer, or not as one of
// OTLP does: empty when there is none, or it was told.
func (s *status) tell(st replay.Status) string {
	what := ""
	answered := st.Records.Accepted+st.Records.Rejected > 0
	switch {
	case recent(st) && slices.Contains(hopeless, st.Trouble.Reason):
		what = "no use at"
	case answered:
		return ""
	case recent(st) && st.Elapsed >= silence:
		what = "no success yet at"
	case st.InFlight > 0 && st.Elapsed >= silence && !st.Stopped:
		return s.once("no answer yet from "+s.target, "", st.Elapsed)
	default:
		return ""
	}
	said := ""
	if st.Trouble.Message != "" {
		said = ": " + text.Line(st.Trouble.Message, 300)
	}
	return s.once(fmt.Sprintf("%s %s: %s", what, s.target, text.Clean(st.Trouble.Reason)), said, st.Elapsed)
}

// once returns a notice unless it is what was told last, or another was told a
// moment ago. More is what may vary.
func (s *status) once(notice, more string, now time.Duration) string {
	if notice == s.notice || s.notice != "" && now-s.noticed < noticesEvery {
		return ""
	}
	s.notice, s.noticed = notice, now
	return notice + more
}

// end leaves the last state on a line of its own.
func (s *status) end() {
	if s.last.Elapsed != s.seen.Elapsed {
		s.print(s.seen)
	}
	s.shown.Leave(s.w)
}

// receivers names to whom the signals are sent, and how.
func (c *replayCommand) receivers() string {
	var all []string
	for _, sig := range c.sent {
		settings := &c.settings[sig]
		for _, t := range settings.Targets {
			name := t.String()
			how := settings.Protocol.String()
			if t.Secure && settings.Protocol == endpoint.GRPC {
				how += ", TLS"
			}
			if name = fmt.Sprintf("%s (%s)", name, how); !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	return strings.Join(all, ", ")
}
