// Package endpoint decides where telemetry goes and how, from flags and the
// standard OTEL_EXPORTER_OTLP_* variables, as the OpenTelemetry Protocol
// Exporter specification says:
//
//	flag > OTEL_EXPORTER_OTLP_<SIGNAL>_X > OTEL_EXPORTER_OTLP_X > default
//
// An empty variable is an unset one, and words in it may be in any case. Each of them replaces what is below it;
// only --header adds to the headers of the environment, key by key.
//
// OTLP/HTTP: OTEL_EXPORTER_OTLP_ENDPOINT and --endpoint are base URLs to which
// v1/<signal> is added; the endpoint of one signal is used as it stands, with
// "/" for no path. A URL without a port means 80 or 443, as URLs do.
//
// OTLP/gRPC: scheme, host and port of a URL, port 4317 by default, or a target
// of the gRPC library. The scheme decides on TLS; only a target without http
// or https asks --insecure.
package endpoint

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/codec"
)

// Protocol is an OTLP transport protocol.
type Protocol uint8

// The protocols.
const (
	GRPC         Protocol = 0
	HTTPProtobuf Protocol = 1
	HTTPJSON     Protocol = 2
)

// String returns the protocol's name, as flags and variables spell it.
func (p Protocol) String() string {
	switch p {
	case GRPC:
		return "grpc"
	case HTTPProtobuf:
		return "http/protobuf"
	case HTTPJSON:
		return "http/json"
	}
	return fmt.Sprintf("protocol %d", uint8(p))
}

// ParseProtocol returns the protocol named s, in whatever case.
func ParseProtocol(s string) (Protocol, error) {
	for p := GRPC; p <= HTTPJSON; p++ {
		if strings.EqualFold(s, p.String()) {
			return p, nil
		}
	}
	return 0, fmt.Errorf("unknown protocol %q: want grpc, http/protobuf or http/json", s)
}

// Header is one header of every request.
type Header struct{ Key, Value string }

// Target is one receiver.
type Target struct {
	Addr   string // GRPC: the library's target, such as "host:port"
	URL    string // HTTP: see SignalURL
	AsIs   bool   // HTTP: URL is complete, not a base
	Secure bool   // over TLS
}

// SignalURL returns the URL to which requests of sig are posted.
func (t Target) SignalURL(sig otlp.Signal) string {
	if t.AsIs {
		return t.URL
	}
	return t.URL + "v1/" + sig.String()
}

// String returns the target as it may be shown: without what could be a secret.
func (t Target) String() string {
	if t.URL != "" {
		return redact(t.URL)
	}
	return redact(t.Addr)
}

// File is the path of a file, and the flag or variable that named it.
type File struct{ Path, Source string }

// Settings is how one signal is sent.
type Settings struct {
	Protocol    Protocol
	Targets     []Target          // at least one; requests go to them in turn
	Headers     []Header          // keys in lower case, each once, sorted
	Compression codec.Compression // of requests
	Timeout     time.Duration     // of one attempt; 0 is none
	CACert      File              // PEM; no path: the system's
	Cert, Key   File              // PEM; both or neither
}

// Secure reports whether any target is reached over TLS.
func (s *Settings) Secure() bool {
	for _, t := range s.Targets {
		if t.Secure {
			return true
		}
	}
	return false
}

// Flags are the values of the command line; the zero value of each is "not
// given".
type Flags struct {
	Endpoints         []string      // URLs, or host:port
	Protocol          string        // by its name
	Headers           []string      // K=V, taken literally
	Compression       string        // by its name
	Timeout           time.Duration // of one attempt; see TimeoutGiven
	TimeoutGiven      bool          // Timeout counts though it is 0, which is no limit
	Insecure          bool          // plaintext; not for https://
	CACert, Cert, Key string        // paths
}

// DefaultTimeout is the specification's.
const DefaultTimeout = 10 * time.Second

// Resolve returns the settings of the given signals, of all when none is given,
// indexed by Signal; those of the others are zero, and what is said about them
// alone is not looked at. Getenv is os.Getenv or stands in for it. Errors name
// the flag or variable at fault, and show no value that could be a secret.
func Resolve(f Flags, getenv func(string) string, signals ...otlp.Signal) ([otlp.NumSignals]Settings, error) {
	var all [otlp.NumSignals]Settings
	for sig := range otlp.Signal(otlp.NumSignals) {
		if len(signals) > 0 && !slices.Contains(signals, sig) {
			continue
		}
		s, err := resolve(f, environment{getenv, sig})
		if err != nil {
			return all, err
		}
		all[sig] = s
	}
	return all, nil
}

func resolve(f Flags, env environment) (Settings, error) {
	var s Settings
	var err error
	if s.Protocol, err = protocol(f, env); err != nil {
		return s, err
	}
	if s.Targets, err = targets(f, env, s.Protocol); err != nil {
		return s, err
	}
	if s.Headers, err = headers(f, env); err != nil {
		return s, err
	}
	if s.Compression, err = compression(f, env); err != nil {
		return s, err
	}
	if s.Timeout, err = timeout(f, env); err != nil {
		return s, err
	}
	return s, s.resolveFiles(f, env)
}
