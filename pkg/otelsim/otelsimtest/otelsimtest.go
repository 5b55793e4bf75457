// Package otelsimtest sends telemetry to a receiver under test, and says what
// must have arrived:
//
//	sent := otelsimtest.Send(t, otelsimtest.Receiver{URL: "http://" + address}, 42, 100)
//	if got := receiver.Spans(); got != sent.Spans {
//
// The telemetry is the same whenever the seed is, so that what a receiver made
// of it once can be asked of it again.
package otelsimtest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/otelsim"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/endpoint"
	"github.com/otelsim/otelsim/pkg/replay/otlpgrpc"
	"github.com/otelsim/otelsim/pkg/replay/otlphttp"
)

// Receiver is where to send.
type Receiver struct {
	URL      string   // http://host:port for plaintext; paths of signals are added to it where the protocol has some
	Protocol Protocol // the zero value is HTTPProtobuf
	Headers  []string // "K=V", of every request
}

// Protocol is an OTLP protocol, by the name that the standard variables give it.
type Protocol string

// The protocols.
const (
	HTTPProtobuf Protocol = "http/protobuf"
	HTTPJSON     Protocol = "http/json"
	GRPC         Protocol = "grpc"
)

// Counts are the items that were sent, each once.
type Counts struct{ Spans, Points, LogRecords uint64 }

// Sent is what was sent, all of which the receiver has accepted.
type Sent struct {
	Counts
	Records uint64         // export requests
	Plan    *otelsim.Plan  // where it came from
	Report  *replay.Report // how it went
}

// Send sends n sessions of a seed as fast as the receiver takes them, with the
// times that are recorded in them. The test fails at once if the receiver does
// not accept all of it.
func Send(t testing.TB, to Receiver, seed, n uint64) Sent {
	t.Helper()
	return SendPlan(t, to, otelsim.Options{Seed: seed, Count: n})
}

// SendPlan is Send for any options. The format is the protocol's.
func SendPlan(t testing.TB, to Receiver, o otelsim.Options) Sent {
	t.Helper()
	sent, err := send(t.Context(), to, o)
	if err != nil {
		t.Fatal(err)
	}
	return sent
}

func send(ctx context.Context, to Receiver, o otelsim.Options) (sent Sent, err error) {
	protocol := cmp.Or(to.Protocol, HTTPProtobuf)
	o.Format = otelsim.Proto
	if protocol == HTTPJSON {
		o.Format = otelsim.JSON
	}
	if sent.Plan, err = otelsim.New(o); err != nil {
		return sent, err
	}
	c, err := sent.Plan.Memory()
	if err != nil {
		return sent, err
	}
	for _, total := range c.Manifest().Totals {
		sent.Records += total.Records
		switch total.Signal {
		case otelsim.Traces.String():
			sent.Spans = total.Items
		case otelsim.Metrics.String():
			sent.Points = total.Items
		default:
			sent.LogRecords = total.Items
		}
	}
	src, err := replay.NewCorpus(ctx, c, fmt.Sprintf("seed %d", o.Seed), replay.CorpusOptions{})
	if err != nil {
		return sent, err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	transport, err := open(to, protocol)
	if err != nil {
		return sent, err
	}
	defer func() { err = errors.Join(err, transport.Close()) }()
	sent.Report, err = replay.Run(ctx, src, replay.Options{Pacer: replay.Unpaced{}, Transport: transport, Original: true})
	if err == nil && sent.Report.LostRecords > 0 {
		err = refused(to, sent.Report)
	}
	return sent, err
}

// open returns the transport to a receiver. The environment has no say in it.
func open(to Receiver, protocol Protocol) (replay.Transport, error) {
	settings, err := endpoint.Resolve(endpoint.Flags{
		Endpoints: []string{to.URL}, Protocol: string(protocol), Headers: to.Headers,
	}, func(string) string { return "" })
	if err != nil {
		return nil, err
	}
	const agent = "otelsimtest"
	if protocol == GRPC {
		return otlpgrpc.New(otlpgrpc.Options{Settings: settings[otelsim.Traces], UserAgent: agent})
	}
	return otlphttp.New(otlphttp.Options{Settings: settings[otelsim.Traces], UserAgent: agent})
}

// refused says what a receiver did not take, and why.
func refused(to Receiver, r *replay.Report) error {
	var why []string
	for _, reason := range r.Reasons {
		why = append(why, fmt.Sprintf("%s %d times: %s", reason.Outcome, reason.Records, reason.Reason))
	}
	return fmt.Errorf("send to %s: %d of %d records lost: %s", to.URL, r.LostRecords, r.Records.Due, strings.Join(why, "; "))
}
