package endpoint

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/codec"
)

// environment looks variables up for one signal.
type environment struct {
	getenv func(string) string
	signal otlp.Signal
}

// lookup returns the value of OTEL_EXPORTER_OTLP_<SIGNAL>_<name>, else of
// OTEL_EXPORTER_OTLP_<name>, with the variable that had it; own tells which.
func (e environment) lookup(name string) (value, source string, own bool) {
	const prefix = "OTEL_EXPORTER_OTLP_"
	source = prefix + strings.ToUpper(e.signal.String()) + "_" + name
	if v := strings.TrimSpace(e.getenv(source)); v != "" {
		return v, source, true
	}
	source = prefix + name
	return strings.TrimSpace(e.getenv(source)), source, false
}

func protocol(f Flags, env environment) (Protocol, error) {
	value, source := f.Protocol, "--protocol"
	if value == "" {
		value, source, _ = env.lookup("PROTOCOL")
	}
	if value == "" {
		return GRPC, nil
	}
	p, err := ParseProtocol(value)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", source, err)
	}
	return p, nil
}

func compression(f Flags, env environment) (codec.Compression, error) {
	value, source := f.Compression, "--compression"
	if value == "" {
		value, source, _ = env.lookup("COMPRESSION")
	}
	if value == "" {
		return codec.None, nil
	}
	c, err := codec.ParseCompression(strings.ToLower(value))
	if err != nil {
		return 0, fmt.Errorf("%s: %w", source, err)
	}
	return c, nil
}

func timeout(f Flags, env environment) (time.Duration, error) {
	if f.Timeout < 0 {
		return 0, fmt.Errorf("--timeout: %v is negative", f.Timeout)
	}
	if f.Timeout > 0 || f.TimeoutGiven {
		return f.Timeout, nil
	}
	value, source, _ := env.lookup("TIMEOUT")
	if value == "" {
		return DefaultTimeout, nil
	}
	ms, err := strconv.ParseInt(value, 10, 64)
	if err != nil || ms < 0 || ms > math.MaxInt64/int64(time.Millisecond) {
		return 0, fmt.Errorf("%s: %q is not a number of milliseconds", source, value)
	}
	return time.Duration(ms) * time.Millisecond, nil
}

// insecure returns whether targets without http or https are plaintext.
func insecure(f Flags, env environment) (bool, error) {
	if f.Insecure {
		return true, nil
	}
	value, source, _ := env.lookup("INSECURE")
	switch strings.ToLower(value) {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	}
	return false, fmt.Errorf("%s: %q is neither true nor false", source, value)
}

func (s *Settings) resolveFiles(f Flags, env environment) error {
	find := func(flag, source, name string) File {
		if flag != "" {
			return File{flag, source}
		}
		path, variable, _ := env.lookup(name)
		if path == "" {
			return File{}
		}
		return File{path, variable}
	}
	s.CACert = find(f.CACert, "--ca-cert", "CERTIFICATE")
	s.Cert = find(f.Cert, "--cert", "CLIENT_CERTIFICATE")
	s.Key = find(f.Key, "--key", "CLIENT_KEY")
	switch {
	case s.Cert.Path != "" && s.Key.Path == "":
		return fmt.Errorf("%s: a client certificate needs its key: give --key or OTEL_EXPORTER_OTLP_CLIENT_KEY", s.Cert.Source)
	case s.Cert.Path == "" && s.Key.Path != "":
		return fmt.Errorf("%s: a client key needs its certificate: give --cert or OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", s.Key.Source)
	}
	if s.Secure() {
		return nil
	}
	// A variable may be meant for other programs, a flag is meant for us.
	for _, file := range []File{s.CACert, s.Cert, s.Key} {
		if strings.HasPrefix(file.Source, "--") {
			return fmt.Errorf("%s: endpoint %s of %v is plaintext: use https:// or leave the flag out",
				file.Source, s.Targets[0], env.signal)
		}
	}
	return nil
}
