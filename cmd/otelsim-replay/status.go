package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/replay"
)

// How often the status is printed: a line that is overwritten may change often,
// lines that stay should be few.
const (
	terminalEvery = 250 * time.Millisecond
	linesEvery    = 5 * time.Second
)

// status prints how far a replay is.
type status struct {
	w        io.Writer
	terminal bool // one line, overwritten
	records  uint64
	length   time.Duration // planned; 0 when it is not known

	last  replay.Status
	width int // of the line on the terminal
}

// isTerminal reports whether w is a terminal that can overwrite a line.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// every returns how often show wants to be called.
func (s *status) every() time.Duration {
	if s.terminal {
		return terminalEvery
	}
	return linesEvery
}

// begin says what is going to happen.
func (s *status) begin(source, target string) {
	planned := "length unknown"
	switch {
	case s.length > 0 && s.records > 0:
		planned = fmt.Sprintf("%s in %v", replay.Counted(s.records, "record"), s.length.Round(time.Millisecond))
	case s.length > 0:
		planned = fmt.Sprintf("for %v", s.length.Round(time.Millisecond))
	case s.records > 0:
		planned = replay.Counted(s.records, "record")
	}
	fmt.Fprintf(s.w, "replay %s: %s, %s\n", text.Clean(source), target, planned)
}

// show prints the state. The rate is that since the last time.
func (s *status) show(st replay.Status) {
	line := s.line(st)
	s.last = st
	if !s.terminal {
		fmt.Fprintln(s.w, line)
		return
	}
	// Blanks hide what the line before had more.
	fmt.Fprintf(s.w, "\r%-*s", s.width, line)
	s.width = len(line)
}

func (s *status) line(st replay.Status) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v", st.Elapsed.Round(100*time.Millisecond))
	if s.length > 0 {
		fmt.Fprintf(&b, " of %v", s.length.Round(100*time.Millisecond))
	}
	if s.records > 0 {
		fmt.Fprintf(&b, "  %s of %s", replay.Grouped(st.Records.Due), replay.Counted(s.records, "record"))
	} else {
		fmt.Fprintf(&b, "  %s", replay.Counted(st.Records.Due, "record"))
	}
	if span := (st.Elapsed - s.last.Elapsed).Seconds(); span > 0 {
		fmt.Fprintf(&b, "  %s/s", replay.Grouped(uint64(float64(st.Records.Due-s.last.Records.Due)/span+0.5)))
	}
	for _, c := range []struct {
		name string
		n    uint64
	}{
		{"late", st.Records.Late}, {"retried", st.Records.Retried}, {"throttled", st.Records.Throttled},
		{"rejected", st.Records.Rejected}, {"failed", st.Records.Failed},
	} {
		if c.n > 0 {
			fmt.Fprintf(&b, "  %s %s", c.name, replay.Grouped(c.n))
		}
	}
	return b.String()
}

// end leaves the last state on a line of its own.
func (s *status) end() {
	if s.terminal && s.width > 0 {
		fmt.Fprintln(s.w)
	}
}
