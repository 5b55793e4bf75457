package main

import (
	"context"
	"errors"
	"fmt"
	"github.com/otelsim/otelsim/internal/cmdline"
	"reflect"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/endpoint"
	"github.com/otelsim/otelsim/pkg/replay/otlpgrpc"
	"github.com/otelsim/otelsim/pkg/replay/otlphttp"
)

// bySignal sends each signal by a transport of its own, or by one that several
// share.
type bySignal struct {
	of  [otlp.NumSignals]replay.Transport
	all []replay.Transport // each once
}

var _ replay.Transport = (*bySignal)(nil)

// Send implements replay.Transport.
func (b *bySignal) Send(ctx context.Context, sig otlp.Signal, payload []byte) replay.Result {
	return b.of[sig].Send(ctx, sig, payload)
}

// Close implements replay.Transport.
func (b *bySignal) Close() error {
	var errs []error
	for _, t := range b.all {
		errs = append(errs, t.Close())
	}
	return errors.Join(errs...)
}

// openTransports makes a transport for each signal. Signals of equal settings
// share one, and with it the connections.
func openTransports(c *replayCommand) (*bySignal, error) {
	b := new(bySignal)
	for _, sig := range c.sent {
		for earlier := range sig {
			if b.of[earlier] != nil && reflect.DeepEqual(c.settings[earlier], c.settings[sig]) {
				b.of[sig] = b.of[earlier]
			}
		}
		if b.of[sig] != nil {
			continue
		}
		t, err := openTransport(c.settings[sig], c)
		if err != nil {
			return nil, errors.Join(err, b.Close())
		}
		b.of[sig] = t
		b.all = append(b.all, t)
	}
	return b, nil
}

func openTransport(s endpoint.Settings, c *replayCommand) (replay.Transport, error) {
	agent := "otelsim-replay/" + cmdline.Version()
	if s.Protocol == endpoint.GRPC {
		return otlpgrpc.New(otlpgrpc.Options{Settings: s, Connections: c.connections, UserAgent: agent})
	}
	o := otlphttp.Options{Settings: s, UserAgent: agent}
	if c.set.Changed("connections") {
		o.Connections = c.connections
	}
	return otlphttp.New(o)
}

// checkFormat returns an error when a protocol cannot carry records of the
// source's format: nothing is converted on the way.
func (c *replayCommand) checkFormat(src replay.Source) error {
	for _, sig := range c.sent {
		p, want := c.settings[sig].Protocol, otlp.FormatProto
		if p == endpoint.HTTPJSON {
			want = otlp.FormatJSON
		}
		if src.Format() == want {
			continue
		}
		instead := "--protocol http/json"
		if src.Format() == otlp.FormatProto {
			instead = "--protocol grpc or http/protobuf"
		}
		return fmt.Errorf("%s holds %v records, which %v does not carry: send them with %s, "+
			"or make a corpus of the other format with: otelsim-gen --format %v -o DIR", text.Clean(src.String()), src.Format(), p, instead, want)
	}
	return nil
}
