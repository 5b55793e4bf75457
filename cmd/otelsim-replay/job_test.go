//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/replay"
)

// What an Indexed Job of Kubernetes does, as processes: each index makes its shard
// in a folder of its own and replays it at its part of the rate from one instant
// on, against one sink; the report is a line of its log. Together they are one
// replay of the whole corpus: every item arrives exactly once, the merged report
// counts what the sink counts, and the rate is that of all.
func TestAnIndexedJobIsOneReplay(t *testing.T) {
	const (
		of   = 4
		rate = 400 // requests a second, of all indices
		soon = 12 * time.Second
	)
	generator, dir := generatorOf(t), t.TempDir()
	generate := func(args ...string) *exec.Cmd {
		return exec.Command(generator, append([]string{"--seed", "12", "-n", "480", "--segment-iterations", "30", "--quiet"}, args...)...)
	}
	whole := filepath.Join(dir, "whole")
	if out, err := generate("-o", whole).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	kept := filepath.Join(dir, "kept")
	addr, stop := startSink(t, "--expect", whole, "--output", kept)

	start := time.Now().Add(soon).UTC().Truncate(time.Second)
	logs, ledgers := make([]string, of), make([]string, of)
	failed := make(chan error, of)
	for i := range of {
		name := func(what string) string { return filepath.Join(dir, fmt.Sprint(what, i)) }
		logs[i], ledgers[i] = name("pod.log"), name("ledger")
		go func() {
			scratch := name("scratch")
			init, err := generate("--shard", fmt.Sprintf("%d/%d", i, of), "-o", scratch).CombinedOutput()
			if err != nil {
				failed <- fmt.Errorf("init container %d: %w: %s", i, err, init)
				return
			}
			c := exec.Command("otelsim-replay", "--start-at", start.Format(time.RFC3339), "--rps", fmt.Sprint(rate/of), scratch,
				"--report-json", "-", "--ledger", ledgers[i], "--endpoint", addr)
			log, err := c.CombinedOutput() // as it stands in the log of a pod
			if err != nil {
				err = fmt.Errorf("container %d: %w: %s", i, err, log)
			}
			failed <- errors.Join(err, os.WriteFile(logs[i], log, 0o666))
		}()
	}
	for range of {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
	counted := stop()
	if t.Failed() {
		return
	}

	merged := filepath.Join(dir, "merged.json")
	text := mustSay(t, append([]string{"report", "merge", "--report-json", merged}, logs...)...)
	data, err := os.ReadFile(merged)
	if err != nil {
		t.Fatal(err)
	}
	var rep replay.Report
	if err := json.Unmarshal(data, &rep); err != nil {
		t.Fatal(err)
	}
	m, err := corpus.ReadManifest(whole)
	if err != nil {
		t.Fatal(err)
	}
	records, items := uint64(0), uint64(0)
	for _, s := range m.Totals {
		records, items = records+s.Records, items+s.Items
	}
	if rep.Records.Accepted != records || rep.Items.Accepted != items || rep.Records.Due != records || len(rep.MissingShards) > 0 {
		t.Errorf("the merged report has %+v and %+v, the corpus %d records with %d items", rep.Records, rep.Items, records, items)
	}
	if got := [2]uint64{rep.Records.Accepted, rep.Items.Accepted}; got != counted {
		t.Errorf("the merged report has %v records and items accepted, the sink %v", got, counted)
	}
	if !rep.Start.Equal(start) || !rep.StartPlanned.Equal(start) || rep.TargetRPS != rate {
		t.Errorf("start %v, planned %v, want %v; target %v", rep.Start, rep.StartPlanned, start, rep.TargetRPS)
	}
	checkRate(t, &rep, rate, of)
	args := []string{"check", "--quiet", whole, kept}
	for _, l := range ledgers {
		args = append(args, "--ledger", l)
	}
	if said := mustSay(t, args...); !strings.Contains(said, "as expected") {
		t.Errorf("check: %s", said)
	}
	t.Log(text)
}

// checkRate holds the rate of all indices to the target: what was due in the buckets
// in which all of them had something to send, and what was sent, which may lack no
// more than the lateness that the report tells of.
func checkRate(t *testing.T, rep *replay.Report, rate float64, of int) {
	t.Helper()
	sent, end := 0.0, rep.End
	for _, p := range rep.Exact.Parts {
		alone := float64(p.Records-1) / p.LastSent.Sub(p.FirstDue).Seconds()
		// On time the last one leaves (records - 1) / rate after the first was due.
		onTime := float64(p.Records-1) / (rate / float64(of))
		slack := onTime / (onTime + float64(rep.Lateness.Max)/1e9)
		if part := rate / float64(of); alone > part*1.005 || alone < part*slack*0.995 {
			t.Errorf("shard %d sent %.2f/s, want %v; at most %v late", p.Shard, alone, part, time.Duration(rep.Lateness.Max))
		}
		sent += alone
		if last := p.FirstDue.Add(time.Duration(onTime * 1e9)); last.Before(end) {
			end = last
		}
	}
	if off := rep.PartsRPS/sent - 1; off > 1e-9 || off < -1e-9 {
		t.Errorf("parts_rps is %v, want %v", rep.PartsRPS, sent)
	}
	s := rep.Exact.Series
	due, buckets := uint64(0), 0
	for i, b := range s.Buckets {
		from := (s.First + int64(i)) * s.Width
		if from >= rep.Start.UnixNano() && from+s.Width <= end.UnixNano() {
			due, buckets = due+b.Due, buckets+1
		}
	}
	got := float64(due) / (float64(buckets) * float64(s.Width) / 1e9)
	t.Logf("due %.2f/s in %d buckets of %v, sent %.2f/s; %d of %d late, at most %v", got, buckets, time.Duration(s.Width),
		sent, rep.Records.Late, rep.Records.Due, time.Duration(rep.Lateness.Max))
	// A window cuts off less than one record of each shard at either end.
	if off := got/rate - 1; off > 0.005 || off < -0.005 {
		t.Errorf("%.2f/s were due, want %v within 0.5 %%", got, rate)
	}
}

// mustSay returns what a process of the command prints on stdout when it ends well.
func mustSay(t *testing.T, args ...string) string {
	t.Helper()
	c := exec.Command("otelsim-replay", args...)
	var out, errOut bytes.Buffer
	c.Stdout, c.Stderr = &out, &errOut
	if err := c.Run(); err != nil {
		t.Fatalf("%q: %v: %s%s", args, err, out.String(), errOut.String())
	}
	return out.String()
}

// startSink runs a sink as a process until the function is called that it returns,
// which returns the requests and the items that it counted.
func startSink(t *testing.T, args ...string) (addr string, stop func() [2]uint64) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	c := exec.CommandContext(ctx, "otelsim-replay", append([]string{"sink", "--quiet", "--grpc-listen", "127.0.0.1:0", "--http-listen", ""}, args...)...)
	var out bytes.Buffer
	c.Stdout = &out
	said, err := c.StderrPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(said)
	for addr == "" && lines.Scan() {
		if _, at, ok := strings.Cut(lines.Text(), "gRPC on "); ok {
			addr = "http://" + at
		}
	}
	return addr, func() (counted [2]uint64) {
		t.Helper()
		defer cancel()
		if err := c.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		if err := c.Wait(); err != nil || !strings.Contains(out.String(), "every item arrived exactly once") {
			t.Errorf("sink: %v: %s", err, out.String())
		}
		total := regexp.MustCompile(`(?m)^all +([0-9,]+) +([0-9,]+) `).FindStringSubmatch(out.String())
		if total == nil {
			t.Fatalf("the sink counts nothing: %s", out.String())
		}
		for i := range counted {
			if _, err := fmt.Sscan(strings.ReplaceAll(total[i+1], ",", ""), &counted[i]); err != nil {
				t.Fatal(err)
			}
		}
		return counted
	}
}
