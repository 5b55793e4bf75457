package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"github.com/otelsim/otelsim/internal/cmdline"
	"github.com/otelsim/otelsim/internal/foreign"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/sink"
)

// sinkCommand is the verb sink.
type sinkCommand struct {
	help *flags
	set  *pflag.FlagSet

	grpcListen, httpListen string
	cert, key, clientCA    string
	maxMessage             int
	maxConnections         int
	expect                 string
	output, compression    string
	behaviour              sink.Behaviour
	quiet                  bool
}

const sinkIntro = `otelsim-replay sink: receive OTLP over gRPC and HTTP, count it, and print the counts.

It runs until Ctrl-C. With --expect every span, data point and log record of a corpus must have
arrived exactly once by then; the exit code is 1 otherwise. What it should do wrong is a share
of the requests, from 0 to 1: the same requests in every run.

Usage:
  otelsim-replay sink [flags]

Examples:
  otelsim-replay sink --expect corpus
  otelsim-replay sink --output received
  otelsim-replay sink --grpc-listen 127.0.0.1:0 --http-listen '' --fail 0.1 --throttle 0.05 --retry-after 2s
`

func newSinkCommand() *sinkCommand {
	c := &sinkCommand{}
	f := &flags{intro: sinkIntro}
	g := f.group("Listening")
	g.StringVar(&c.grpcListen, "grpc-listen", "127.0.0.1:4317", "`ADDR` for gRPC; port 0 for any, empty for none\n(default 127.0.0.1:4317)")
	g.StringVar(&c.httpListen, "http-listen", "127.0.0.1:4318", "`ADDR` for HTTP (default 127.0.0.1:4318)")
	g.StringVar(&c.cert, "cert", "", "PEM `FILE` of the certificate: TLS on both (default plaintext)")
	g.StringVar(&c.key, "key", "", "PEM `FILE` of its key")
	g.StringVar(&c.clientCA, "client-ca", "", "PEM `FILE` of the authorities that clients' certificates must\nbe of (default any client)")
	g.IntVar(&c.maxMessage, "max-message", sink.DefaultMaxMessage, "largest request in `BYTES`, uncompressed (default 16777216)")

	g.IntVar(&c.maxConnections, "max-connections", sink.DefaultMaxConnections, "`N` connections at a time, of both; more are closed at once\n(default 4096)")

	g = f.group("Checking")
	g.StringVar(&c.expect, "expect", "", "the corpus in `DIR` must arrive, everything exactly once")

	g = f.group("Keeping")
	g.StringVar(&c.output, "output", "", "keep what is accepted in `DIR`, as the Collector's file exporter\nwould, with the times of arrival; it must be absent or empty")
	g.StringVar(&c.compression, "output-compression", "none", "`HOW`: zstd or none (default none)")

	cmdline.Complete(g.FlagSet, "output-compression", "zstd", "none")

	b := &c.behaviour
	g = f.group("Misbehaving")
	g.DurationVar(&b.Delay, "delay", 0, "answer `DUR` late (default 0)")
	g.Float64Var(&b.Throttle, "throttle", 0, "refuse `SHARE` with the wish to be sent less (default 0)")
	g.DurationVar(&b.RetryAfter, "retry-after", time.Second, "and to be asked again after `DUR` (default 1s)")
	g.Float64Var(&b.Fail, "fail", 0, "refuse `SHARE` as if unavailable (default 0)")
	g.Float64Var(&b.Partial, "reject", 0, "reject `SHARE` in part (default 0)")
	g.Int64Var(&b.PartialItems, "reject-items", 1, "namely the last `N` items of a request (default 1)")
	g.Float64Var(&b.Hang, "hang", 0, "never answer `SHARE` (default 0)")
	g.Float64Var(&b.Cut, "cut", 0, "reset the connection of `SHARE` (default 0)")
	g.Uint64Var(&b.Seed, "seed", 0, "`N` that decides which requests (default 0)")

	g = f.group("Printing")
	g.BoolVar(&c.quiet, "quiet", false, "print no rates")
	g.Bool("version", false, "print the version")
	g.BoolP("help", "h", false, "print this help")
	c.help = f
	c.set = f.flagSet()
	return c
}

func (c *sinkCommand) flags() *flags { return c.help }

func (c *sinkCommand) validate(args []string) error {
	var errs []error
	if len(args) > 0 {
		errs = append(errs, fmt.Errorf("sink takes no arguments: %q", args))
	}
	if c.grpcListen == "" && c.httpListen == "" {
		errs = append(errs, errors.New("--grpc-listen, --http-listen: want at least one address"))
	}
	if (c.cert == "") != (c.key == "") {
		errs = append(errs, errors.New("--cert, --key: want both or neither"))
	}
	if c.clientCA != "" && c.cert == "" {
		errs = append(errs, errors.New("--client-ca has no effect without --cert and --key"))
	}
	errs = append(errs, c.validateOutput(), within("max-message", c.maxMessage, mostMessage), within("max-connections", c.maxConnections, mostConnections))
	return errors.Join(errs...)
}

// run receives until ctx ends.
func (c *sinkCommand) run(ctx context.Context, a *app) error {
	o := sink.Options{
		GRPCListen: c.grpcListen, HTTPListen: c.httpListen, MaxMessage: c.maxMessage, MaxConnections: c.maxConnections, Behaviour: c.behaviour,
	}
	var err error
	if o.TLS, err = c.tls(); err != nil {
		return usageError{verbSink, err}
	}
	if c.expect != "" {
		if o.Ledger, err = expected(ctx, c.expect); err != nil {
			return err
		}
	}
	if !c.quiet {
		p := &rates{w: a.errOut}
		o.Report, o.Every = p.show, 2*time.Second
	}
	k, err := c.openOutput(a.errOut)
	if err != nil {
		return usageError{verbSink, err}
	}
	if k != nil {
		o.Keep = k.keep
	}
	rush, hurry := context.WithCancel(context.Background())
	defer hurry()
	again := func() { hurry() }
	a.hurry.Store(&again)
	s, err := sink.Start(o)
	if err != nil {
		return usageError{verbSink, errors.Join(err, k.close())}
	}
	if addr := s.GRPCAddr(); addr != nil {
		fmt.Fprintf(a.errOut, "sink: gRPC on %v\n", addr)
	}
	if addr := s.HTTPAddr(); addr != nil {
		fmt.Fprintf(a.errOut, "sink: HTTP on %v\n", addr)
	}
	select {
	case <-ctx.Done():
	case err = <-s.Errors():
	}
	// Requests that are being answered may take their time; a second signal takes
	// it from them, and what was counted is told all the same.
	stopCtx, cancel := context.WithTimeout(rush, 10*time.Second)
	defer cancel()
	err = errors.Join(err, s.Stop(stopCtx), k.close())
	c.print(a, s.Snapshot())
	if o.Ledger != nil {
		err = errors.Join(err, c.compare(a, o.Ledger.Balance()))
	}
	return err
}

func (c *sinkCommand) tls() (*tls.Config, error) {
	if c.cert == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return nil, fmt.Errorf("--cert, --key: load certificate: %w", err)
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
	if c.clientCA == "" {
		return config, nil
	}
	pem, err := foreign.Append(nil, c.clientCA, 1<<20)
	if err != nil {
		return nil, fmt.Errorf("--client-ca: read certificates: %w", err)
	}
	config.ClientCAs, config.ClientAuth = x509.NewCertPool(), tls.RequireAndVerifyClientCert
	if !config.ClientCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("--client-ca: %s holds no PEM certificate", c.clientCA)
	}
	return config, nil
}

// expected returns a ledger of every item of a corpus.
func expected(ctx context.Context, dir string) (*sink.Ledger, error) {
	src, err := replay.OpenCorpus(ctx, dir, replay.CorpusOptions{})
	if err != nil {
		return nil, err
	}
	l := sink.NewLedger()
	err = replay.Each(ctx, src, func(r *replay.Record) error { return l.Expect(r.Signal, src.Format(), r.Payload) })
	if err = errors.Join(err, src.Close()); err != nil {
		return nil, err
	}
	return l, nil
}

// print writes what was received.
func (c *sinkCommand) print(a *app, s sink.Snapshot) {
	fmt.Fprintf(a.out, "%-10s %11s %14s %17s %11s %11s\n", "", "requests", "items", "bytes", "partial", "rejected")
	for sig, n := range s.Signals {
		if n != (sink.Counts{}) {
			printCounts(a, otlp.Signal(sig).String(), n)
		}
	}
	printCounts(a, "all", s.Total())
	for _, n := range []struct {
		name  string
		count int64
	}{
		{"throttled", s.Throttled}, {"failed", s.Failed}, {"hung", s.Hung}, {"cut", s.Cut}, {"malformed", s.Malformed}, {"not kept", s.Unkept}, {"turned away", s.Refused},
	} {
		if n.count > 0 {
			fmt.Fprintf(a.out, "%-11s %10s\n", n.name, text.Grouped(n.count))
		}
	}
}

func printCounts(a *app, name string, n sink.Counts) {
	fmt.Fprintf(a.out, "%-10s", name)
	for i, v := range []int64{n.Requests, n.Items, n.Bytes, n.Partial, n.Rejected} {
		fmt.Fprintf(a.out, " %*s", []int{11, 14, 17, 11, 11}[i], text.Grouped(v))
	}
	fmt.Fprintln(a.out)
}

// compare prints how what arrived compares with what was expected, and returns
// an error when they differ.
func (c *sinkCommand) compare(a *app, all [otlp.NumSignals]sink.Balance) error {
	exact := true
	for sig, b := range all {
		if b == (sink.Balance{}) {
			continue
		}
		fmt.Fprintf(a.out, "%-10s expected %d, received %d, missing %d, duplicated %d, unexpected %d\n",
			otlp.Signal(sig), b.Expected, b.Received, b.Missing, b.Duplicated, b.Unexpected)
		exact = exact && b.Exact()
	}
	if !exact {
		return fmt.Errorf("what arrived is not %s, each item exactly once", c.expect)
	}
	fmt.Fprintln(a.out, "every item arrived exactly once")
	return nil
}
