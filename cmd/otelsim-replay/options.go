package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/otelsim/otelsim/internal/cmdline"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/endpoint"
)

// replayCommand is the default verb.
type replayCommand struct {
	help   *flags
	set    *pflag.FlagSet
	papers cmdline.Papers

	rps, itemsPerSecond, speed string
	max                        bool
	ramp                       time.Duration
	laps                       uint64
	duration                   time.Duration
	shard                      string
	startAt                    string

	signals     []string
	signal      string
	time        string
	verifyFirst bool

	endpoint     endpoint.Flags
	connections  int
	maxInFlight  int
	noRetry      bool
	retryElapsed time.Duration

	reportJSON string
	reportHTML string
	ledger     string
	failIf     []string
	quiet      bool

	paths      []string
	pacer      replay.Pacer
	conditions []replay.Condition
	options    replay.Options
	onlySignal *otlp.Signal
	wanted     []otlp.Signal // by --signals; nil: all there are
	sent       []otlp.Signal // of which the settings count, when they are known
	settings   [otlp.NumSignals]endpoint.Settings
}

const replayIntro = `otelsim-replay streams a corpus over OTLP at an exact rate and reports what happened.

Usage:
  otelsim-replay [flags] DIR|FILE...
  otelsim-replay sink [flags]
  otelsim-replay check [flags] CORPUS RECEIVED...
  otelsim-replay report merge [flags] FILE...

Verbs:
  replay     send a corpus, or files of the Collector's file exporter (the default verb)
  sink       receive OTLP, count it, and check it against a corpus (sink --help says more)
  check      say what a pipeline did to a corpus (check --help says more)
  report     join the reports of several machines (report --help says more)

Examples:
  otelsim-replay --rps 5000 corpus
  otelsim-replay --protocol http/protobuf --endpoint http://collector:4318 --speed 10 --fail-if 'p99>50ms' corpus
`

func newReplayCommand() *replayCommand {
	c := &replayCommand{}
	f := &flags{intro: replayIntro, bad: ", nothing sent"}

	g := f.group("Schedule (one of the first four)")
	g.StringVar(&c.rps, "rps", "", "`N` requests a second; 0.5 and 1e4 are numbers too")
	g.StringVar(&c.itemsPerSecond, "items-per-second", "", "`N` spans, data points and log records a second")
	g.StringVar(&c.speed, "speed", "1", "the recorded timeline, `X` times as fast (default 1)")
	g.BoolVar(&c.max, "max", false, "as fast as the receiver takes it")
	g.DurationVar(&c.ramp, "ramp", 0, "grow the rate linearly from 0 during `DUR` (default 0;\nwith --rps and --items-per-second)")
	g.Uint64Var(&c.laps, "laps", 0, "send everything `N` times, with new ids from the second on\n(default 1; without limit with --duration)")
	g.DurationVar(&c.duration, "duration", 0, "send what is due before `DUR` is over (default no limit)")
	g.StringVar(&c.shard, "shard", "", "`I/N`: send requests I, I+N, ... only, when they are due in the\nwhole (default all)")
	g.StringVar(&c.startAt, "start-at", "", "begin the schedule at `TIME` (RFC 3339), which several machines\nmay share; refused when it has passed (default now)")

	g = f.group("Source")
	g.StringSliceVar(&c.signals, "signals", nil, "`LIST` of traces, metrics, logs (default all there are)")
	g.StringVar(&c.signal, "signal", "", "all messages of the files are `NAME`: traces, metrics or logs\n(default found out from each)")
	cmdline.Complete(g.FlagSet, "signals", signalNames...)
	cmdline.Complete(g.FlagSet, "signal", signalNames...)
	g.StringVar(&c.time, "time", "now", "`WHEN`: now, or original to leave the recorded times (default now)")
	cmdline.Complete(g.FlagSet, "time", "now", "original")
	g.BoolVar(&c.verifyFirst, "verify-first", false, "read all of a corpus and check the digest of every segment\n"+
		"before sending (otelsim-gen verify checks the rest)")

	addEndpointFlags(f.group("Receiver (the OTEL_EXPORTER_OTLP_* variables hold where no flag is given)"), c)

	g = f.group("Result")
	g.StringVar(&c.reportJSON, "report-json", "", "write the report as JSON to `FILE` too; - is stdout, on one line")
	g.StringVar(&c.reportHTML, "report-html", "", "and as a page with charts to `FILE`; - is stdout")
	g.StringVar(&c.ledger, "ledger", "", "write a line for each request, of what became of it, to `FILE`\n(zstd; as the replay goes)")
	g.StringArrayVar(&c.failIf, "fail-if", nil, "exit with 1 if `EXPR` holds, such as p99>50ms, late>1% or\n"+
		"failed>0; of p50 p90 p99 p999 max late retried throttled\nrejected failed unknown lost rate; repeatable (default any request\nlost, which a condition of your own replaces)")
	g.BoolVar(&c.quiet, "quiet", false, "print no status")
	g.Bool("version", false, "print the version")
	c.papers.Define(g.FlagSet)
	g.BoolP("help", "h", false, "print this help")
	c.help = f
	c.set = f.flagSet()
	return c
}

func addEndpointFlags(g *group, c *replayCommand) {
	e := &c.endpoint
	g.StringArrayVar(&e.Endpoints, "endpoint", nil, "`URL` of the receiver; repeatable: requests go to them in turn\n(default localhost)")
	g.StringVar(&e.Protocol, "protocol", "", "`NAME`: grpc, http/protobuf or http/json (default grpc)")
	g.StringArrayVar(&e.Headers, "header", nil, "`K=V` with every request; repeatable (default none)")
	g.StringVar(&e.Compression, "compression", "", "`NAME`: none, gzip or zstd (default none)")
	g.DurationVar(&e.Timeout, "timeout", 0, "`DUR` that one attempt may take; 0 is no limit (default 10s)")
	g.BoolVar(&e.Insecure, "insecure", false, "no TLS for an endpoint without http:// or https://")
	g.StringVar(&e.CACert, "ca-cert", "", "PEM `FILE` of the authorities to trust (default the system's)")
	g.StringVar(&e.Cert, "cert", "", "PEM `FILE` of the client's certificate (default none)")
	g.StringVar(&e.Key, "key", "", "PEM `FILE` of the client's key (default none)")
	cmdline.Complete(g.FlagSet, "protocol", "grpc", "http/protobuf", "http/json")
	cmdline.Complete(g.FlagSet, "compression", "none", "gzip", "zstd")
	g.IntVar(&c.connections, "connections", 4, "`N` connections to each endpoint (default 4; with HTTP as many\nas there are requests under way)")
	g.IntVar(&c.maxInFlight, "max-in-flight", replay.DefaultMaxInFlight, "`N` requests under way at most, and 64 MB of them; what is\ndue beyond is late (default 256)")
	g.BoolVar(&c.noRetry, "no-retry", false, "send every request once")
	g.DurationVar(&c.retryElapsed, "retry-max-elapsed", replay.DefaultRetryFor, "give a request up `DUR` after its first attempt (default 30s)")
}

func (c *replayCommand) flags() *flags { return c.help }

func (c *replayCommand) validate(args []string) error {
	c.paths = args
	c.endpoint.TimeoutGiven = c.set.Changed("timeout")
	var errs []error
	if len(args) == 0 {
		errs = append(errs, errors.New("nothing to replay: name a corpus, or files"))
	}
	var err error
	if c.pacer, err = c.schedule(); err != nil {
		errs = append(errs, err)
	}
	errs = append(errs, c.readConditions())
	errs = append(errs, c.checkPlaces())
	if c.set.Changed("laps") && c.laps == 0 {
		errs = append(errs, errors.New("--laps 0: want at least 1"))
	}
	errs = append(errs, within("connections", c.connections, mostConnections/max(len(c.endpoint.Endpoints), 1)),
		within("max-in-flight", c.maxInFlight, mostInFlight))
	if c.time != "now" && c.time != "original" {
		errs = append(errs, fmt.Errorf("--time %s: want now or original", c.time))
	}
	errs = append(errs, positive(c.set, "duration", c.duration), positive(c.set, "ramp", c.ramp),
		positive(c.set, "retry-max-elapsed", c.retryElapsed),
		c.readSignals(), c.readShard(), c.readStart())
	if c.noRetry && c.set.Changed("retry-max-elapsed") {
		errs = append(errs, errors.New("--retry-max-elapsed has no effect with --no-retry"))
	}
	return errors.Join(errs...)
}

// schedule returns the pacer that the flags ask for.
func (c *replayCommand) schedule() (replay.Pacer, error) {
	var given []string
	for _, name := range []string{"rps", "items-per-second", "speed", "max"} {
		if c.set.Changed(name) && (name != "max" || c.max) {
			given = append(given, "--"+name)
		}
	}
	if len(given) > 1 {
		return nil, fmt.Errorf("%s: want one of them", strings.Join(given, ", "))
	}
	unit, value := replay.UnitRecords, c.rps
	switch {
	case c.max:
		return replay.Unpaced{}, c.noRamp("--max")
	case c.set.Changed("rps"):
	case c.set.Changed("items-per-second"):
		unit, value = replay.UnitItems, c.itemsPerSecond
	default:
		speed, err := replay.ParseRate(c.speed)
		if err != nil {
			return nil, fmt.Errorf("--speed: %w", err)
		}
		return replay.Timeline{Speed: speed}, c.noRamp("--speed")
	}
	rate, err := replay.ParseRate(value)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", given[0], err)
	}
	if c.ramp > 0 {
		return replay.Ramp{Rate: rate, Of: unit, Over: c.ramp}, nil
	}
	return replay.Constant{Rate: rate, Of: unit}, nil
}

// readConditions reads what is to fail the run. A percentage of the target rate
// needs one: without it the condition would hold whatever happens.
func (c *replayCommand) readConditions() error {
	var errs []error
	for _, expr := range c.failIf {
		cond, err := replay.ParseCondition(expr)
		if err != nil {
			errs = append(errs, fmt.Errorf("--fail-if: %w", err))
		}
		constant, ok := c.pacer.(replay.Constant)
		if err == nil && c.pacer != nil && cond.NeedsTarget() && (!ok || constant.Of != replay.UnitRecords) {
			errs = append(errs, fmt.Errorf("--fail-if %s: a percentage of the target rate needs --rps, without --ramp; "+
				"name a number of requests a second instead", expr))
		}
		c.conditions = append(c.conditions, cond)
	}
	return errors.Join(errs...)
}

func (c *replayCommand) noRamp(flag string) error {
	if c.ramp > 0 {
		return fmt.Errorf("--ramp has no effect on %s: give --rps or --items-per-second", flag)
	}
	return nil
}

func (c *replayCommand) readShard() error {
	if c.shard == "" {
		return nil
	}
	var err error
	if c.options.Shard, err = replay.ParseShard(c.shard); err != nil {
		return fmt.Errorf("--shard: %w", err)
	}
	return nil
}

func (c *replayCommand) readSignals() error {
	var errs []error
	var err error
	if c.wanted, err = selected(c.set, c.signals); err != nil {
		errs = append(errs, err)
	}
	if c.signal != "" {
		sig, err := parseSignal(c.signal)
		if err != nil {
			errs = append(errs, fmt.Errorf("--signal: %w", err))
		}
		c.onlySignal = &sig
	}
	return errors.Join(errs...)
}

// selected returns the signals that --signals names, each once; nil when it was
// not given.
func selected(set *pflag.FlagSet, names []string) (wanted []otlp.Signal, err error) {
	var errs []error
	for _, name := range names {
		sig, err := parseSignal(name)
		if err != nil {
			errs = append(errs, fmt.Errorf("--signals: %w", err))
		} else if !slices.Contains(wanted, sig) {
			wanted = append(wanted, sig)
		}
	}
	if set.Changed("signals") && len(names) == 0 {
		errs = append(errs, errors.New("--signals: want at least one of traces, metrics, logs"))
	}
	return wanted, errors.Join(errs...)
}

// signalNames are the signals as flags name them.
var signalNames = []string{"traces", "metrics", "logs"}

func parseSignal(name string) (otlp.Signal, error) {
	sig, known := otlp.ParseSignal(name)
	if !known {
		return 0, fmt.Errorf("unknown signal %q: want traces, metrics or logs", name)
	}
	return sig, nil
}
