package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/otelsim/otelsim/internal/cmdline"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/endpoint"
	"github.com/otelsim/otelsim/pkg/replay/page"
)

// writePage writes the report as a page, with what it was that ran.
func (c *replayCommand) writePage(w io.Writer, rep *replay.Report, broken error) error {
	p := &page.Page{
		Report: rep, Unit: c.pacer.Unit(), Broken: broken, Failures: rep.Failures(c.conditions),
		Settings: c.list(rep), Program: "otelsim-replay " + cmdline.Version(),
	}
	return p.Write(w)
}

// list lists what decides a run. The values of headers, and what follows
// the path of a URL, are not for a page that is passed on.
func (c *replayCommand) list(rep *replay.Report) []page.Setting {
	var all []page.Setting
	add := func(name, format string, args ...any) {
		all = append(all, page.Setting{Name: name, Value: text.Clean(fmt.Sprintf(format, args...))})
	}
	add("source", "%s", rep.Source)
	add("schedule", "%s", rep.Target)
	if c.options.Shard.Of > 1 {
		add("shard", "%v", c.options.Shard)
	}
	switch {
	case c.laps > 0 || c.duration == 0:
		add("laps", "%s", text.Grouped(max(c.laps, 1)))
	default:
		add("laps", "as many as fit")
	}
	if c.duration > 0 {
		add("duration", "%v", c.duration)
	}
	add("recorded times", "%s", map[string]string{"now": "moved to now", "original": "left as they are"}[c.time])
	c.addReceivers(add)
	add("in flight", "at most %s", text.Counted(uint64(c.maxInFlight), "record"))
	if c.noRetry {
		add("retries", "none")
	} else {
		add("retries", "for %v", c.retryElapsed)
	}
	add("late", "more than %v after it was due", time.Duration(rep.LateAfter))
	conditions := "any record lost"
	if len(c.failIf) > 0 {
		conditions = strings.Join(c.failIf, ", ")
	}
	add("fails if", "%s", conditions)
	if c.ledger != "" {
		add("ledger", "%s", c.ledger)
	}
	return all
}

// addReceivers lists where each signal goes, once for signals that agree.
func (c *replayCommand) addReceivers(add func(name, format string, args ...any)) {
	var said []string
	pooled := c.set.Changed("connections")
	for _, sig := range c.sent {
		s := &c.settings[sig]
		pooled = pooled || s.Protocol == endpoint.GRPC
		what := describe(s)
		if slices.Contains(said, what) {
			continue
		}
		said = append(said, what)
		name := "receiver"
		if len(said) > 1 {
			name = "receiver of " + sig.String()
		}
		add(name, "%s", what)
	}
	if pooled {
		add("connections", "%d to each endpoint", c.connections)
	}
}

// describe says where and how a signal is sent.
func describe(s *endpoint.Settings) string {
	var targets, headers []string
	for _, t := range s.Targets {
		text := t.String()
		if t.Secure && t.URL == "" {
			text += " (TLS)"
		}
		targets = append(targets, text)
	}
	for _, h := range s.Headers {
		headers = append(headers, h.Key)
	}
	limit := fmt.Sprintf("%v an attempt", s.Timeout)
	if s.Timeout == 0 {
		limit = "attempts without limit"
	}
	all := fmt.Sprintf("%s: %v, compression %v, %s", strings.Join(targets, " "), s.Protocol, s.Compression, limit)
	if len(headers) > 0 {
		all += ", headers " + strings.Join(headers, " ")
	}
	return all
}
