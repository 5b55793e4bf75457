package replay

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// WriteText writes r for a person to read.
func (r *Report) WriteText(w io.Writer) error {
	var b bytes.Buffer
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-10s "+format+"\n", append([]any{name}, args...)...)
	}
	line("source", "%s", text.Clean(r.Source))
	target := r.Target
	if r.Shard != "" {
		target += ", shard " + r.Shard
	}
	if r.TimesRecorded > 0 {
		target += ", " + TimesAsFast(r.TimesRecorded)
	}
	line("schedule", "%s", target)
	if parts := r.parts(); parts != "" {
		line("shards", "%s", parts)
	}
	took := fmt.Sprintf("%s to %s, %v", r.Start.Format(time.RFC3339), r.End.Format(time.RFC3339), text.Fine(seconds(r.Duration)))
	if r.Interrupted {
		took += ", interrupted"
	}
	line("run", "%s", took)
	if !r.StartPlanned.IsZero() {
		line("start", "%s", r.started())
	}
	rate := text.Decimal(r.AchievedRPS) + " records/s, " + text.Decimal(r.AchievedItemsPerSecond) + " items/s"
	if r.TargetRPS > 0 && r.AchievedRPS > 0 {
		rate += fmt.Sprintf(" (%+.3f%% of target)", 100*(r.AchievedRPS/r.TargetRPS-1))
	}
	line("achieved", "%s", rate)
	if r.PartsRPS > 0 {
		parts := text.Decimal(r.PartsRPS) + " records/s, each while it had any to send"
		if r.TargetRPS > 0 {
			parts += fmt.Sprintf(" (%+.3f%% of target)", 100*(r.PartsRPS/r.TargetRPS-1))
		}
		line("  parts", "%s", parts)
	}
	line("attempts", "%s, with %s of payload", text.Grouped(r.Sends), text.FineSize(r.Bytes))
	for _, n := range r.Notes {
		line("note", "%s", text.Clean(n.String()))
	}
	b.WriteByte('\n')
	r.writeLedger(&b)
	b.WriteByte('\n')
	r.writeLatency(&b)
	if len(r.Reasons) > 0 {
		fmt.Fprintf(&b, "\n%-10s %11s %13s  %s\n", "", "times", "items", "reason")
		for _, x := range r.Reasons {
			said := x.Reason
			if x.Message != "" {
				said += ": " + x.Message
			}
			fmt.Fprintf(&b, "%-10s %11s %13s  %q\n", x.Outcome, text.Grouped(x.Records), text.Grouped(x.Items), said)
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// parts says which shards a merged report is of; empty: it is no such.
func (r *Report) parts() string {
	e := r.Exact
	if e == nil || len(e.Parts) < 2 && len(r.MissingShards) == 0 {
		return ""
	}
	parts := fmt.Sprintf("%s of %s", text.Grouped(uint64(len(e.Parts))), text.Grouped(e.Settings.Of))
	if len(r.MissingShards) > 0 {
		parts += ", missing " + strings.Join(r.MissingShards, ", ")
	}
	return parts
}

// started says how a start that was planned went.
func (r *Report) started() string {
	planned := "planned " + r.StartPlanned.Format(time.RFC3339Nano) + ", actual "
	if r.StartActual.IsZero() {
		return planned + "never"
	}
	return planned + r.StartActual.Format(time.RFC3339Nano) + fmt.Sprintf(", %v after", text.Fine(r.StartActual.Sub(r.StartPlanned)))
}

// writeLedger writes the columns of the ledger, each signal and the sum.
func (r *Report) writeLedger(b *bytes.Buffer) {
	row := func(name string, l Ledger) {
		fmt.Fprintf(b, "%-15s", name)
		for _, n := range []uint64{l.Due, l.Accepted, l.Rejected, l.Failed, l.Unknown, l.Late, l.Retried, l.Throttled} {
			fmt.Fprintf(b, " %11s", text.Grouped(n))
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(b, "%-15s %11s %11s %11s %11s %11s %11s %11s %11s\n",
		"", "due", "accepted", "rejected", "failed", "unknown", "late", "retried", "throttled")
	row("records", r.Records)
	row("items", r.Items)
	for sig := range otlp.Signal(otlp.NumSignals) {
		if s, ok := r.Signals[sig.String()]; ok && len(r.Signals) > 1 {
			row("  "+sig.String(), s.Records)
			row("    "+sig.Item()+"s", s.Items)
		}
	}
	if r.LostRecords > 0 {
		fmt.Fprintf(b, "lost: %s, %s\n", text.Counted(r.LostRecords, "record"), text.Counted(r.LostItems, "item"))
	}
}

// writeLatency writes the distributions.
func (r *Report) writeLatency(b *bytes.Buffer) {
	row := func(name string, l Latency) {
		if l.Count == 0 {
			fmt.Fprintf(b, "%-26s %10s %10s %10s %10s %10s\n", name, "-", "-", "-", "-", "-")
			return
		}
		fmt.Fprintf(b, "%-26s %10v %10v %10v %10v %10v\n", name, text.Fine(time.Duration(l.P50)), text.Fine(time.Duration(l.P90)),
			text.Fine(time.Duration(l.P99)), text.Fine(time.Duration(l.P999)), text.Fine(time.Duration(l.Max)))
	}
	fmt.Fprintf(b, "%-26s %10s %10s %10s %10s %10s\n", "", "p50", "p90", "p99", "p99.9", "max")
	row("latency from due", r.FromDue)
	row("latency from send", r.FromSend)
	for sig := range otlp.Signal(otlp.NumSignals) {
		if s, ok := r.Signals[sig.String()]; ok && len(r.Signals) > 1 {
			row("  "+sig.String()+" from due", s.FromDue)
			row("  "+sig.String()+" from send", s.FromSend)
		}
	}
	row("lateness", r.Lateness)
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
