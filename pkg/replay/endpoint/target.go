package endpoint

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// DefaultGRPCPort is the port of a gRPC endpoint that names none.
const DefaultGRPCPort = "4317"

// defaultEndpoints are indexed by Protocol.
var defaultEndpoints = [...]string{
	GRPC:         "http://localhost:4317",
	HTTPProtobuf: "http://localhost:4318",
	HTTPJSON:     "http://localhost:4318",
}

func targets(f Flags, env environment, p Protocol) ([]Target, error) {
	plain, err := insecure(f, env)
	if err != nil {
		return nil, err
	}
	endpoints, source, own := f.Endpoints, "--endpoint", false
	if len(endpoints) == 0 {
		var value string
		value, source, own = env.lookup("ENDPOINT")
		if value == "" {
			value, source, own = defaultEndpoints[p], "default endpoint", false
		}
		endpoints = []string{value}
	}
	list := make([]Target, 0, len(endpoints))
	for _, e := range endpoints {
		var t Target
		if p == GRPC {
			t, err = grpcTarget(e, plain)
		} else {
			t, err = httpTarget(e, own)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", source, err)
		}
		if t.Secure && f.Insecure {
			return nil, fmt.Errorf("--insecure: endpoint %s is over TLS: use http:// for plaintext", redact(e))
		}
		if source == "--endpoint" && !t.AsIs && p != GRPC && signalPath(t.URL) {
			// The specification's rule would post to .../v1/traces/v1/traces.
			return nil, fmt.Errorf("--endpoint: %s is a base URL, to which v1/<signal> is added: leave the path of the signal out", redact(e))
		}
		list = append(list, t)
	}
	return list, nil
}

// signalPath reports whether a base URL ends in the path of a signal.
func signalPath(base string) bool {
	base = strings.TrimRight(base, "/")
	for _, s := range []string{"/v1/traces", "/v1/metrics", "/v1/logs"} {
		if strings.HasSuffix(base, s) {
			return true
		}
	}
	return false
}

// httpTarget reads the URL of an OTLP/HTTP endpoint. Own says that it belongs
// to one signal.
func httpTarget(e string, own bool) (Target, error) {
	u, err := parseURL(e)
	if err != nil {
		return Target{}, err
	}
	if u == nil {
		return Target{}, fmt.Errorf("endpoint %s: want a URL with http:// or https://", redact(e))
	}
	t := Target{AsIs: own, Secure: u.Scheme == "https"}
	if own {
		if u.Path == "" {
			u.Path = "/"
		}
		t.URL = u.String()
		return t, nil
	}
	if u.RawQuery != "" || u.ForceQuery {
		return Target{}, fmt.Errorf("endpoint %s: a base URL has no query", redact(e))
	}
	t.URL = u.String()
	if !strings.HasSuffix(t.URL, "/") {
		t.URL += "/"
	}
	return t, nil
}

// grpcTarget reads a gRPC endpoint: a URL, host and port, or a target with one
// of the library's schemes. Plain is what targets without http or https get.
func grpcTarget(e string, plain bool) (Target, error) {
	u, err := parseURL(e)
	if err != nil {
		return Target{}, err
	}
	if u != nil {
		port := u.Port()
		if port == "" {
			port = DefaultGRPCPort
		}
		return Target{Addr: net.JoinHostPort(u.Hostname(), port), Secure: u.Scheme == "https"}, nil
	}
	if strings.ContainsAny(e, " \t\r\n") || e == "" {
		return Target{}, fmt.Errorf("endpoint %s: want a URL or host:port", redact(e))
	}
	for _, scheme := range []string{"unix:", "dns:", "passthrough:"} {
		if strings.HasPrefix(e, scheme) {
			if strings.ContainsRune(e, '@') && scheme != "unix:" {
				return Target{}, fmt.Errorf("endpoint %s: user and password belong into an authorization header", redact(e))
			}
			return Target{Addr: e, Secure: !plain}, nil
		}
	}
	if strings.ContainsAny(e, "/?#@") {
		return Target{}, fmt.Errorf("endpoint %s: want http://, https:// or host:port", redact(e))
	}
	host, port, err := net.SplitHostPort(e)
	if err != nil {
		host, port = strings.TrimSuffix(strings.TrimPrefix(e, "["), "]"), DefaultGRPCPort
		if _, err := netip.ParseAddr(host); strings.Contains(host, ":") && err != nil {
			return Target{}, fmt.Errorf("endpoint %s: want a URL or host:port", redact(e))
		}
	}
	if !validPort(port) || host == "" {
		return Target{}, fmt.Errorf("endpoint %s: want a host and a port from 1 to 65535", redact(e))
	}
	return Target{Addr: net.JoinHostPort(host, port), Secure: !plain}, nil
}

// parseURL reads e when it is an http or https URL, and returns nil for
// anything else.
func parseURL(e string) (*url.URL, error) {
	scheme, _, found := strings.Cut(e, "://")
	scheme = strings.ToLower(scheme)
	if !found || scheme != "http" && scheme != "https" {
		return nil, nil
	}
	u, err := url.Parse(escapeZone(e))
	if err != nil {
		// Why not would quote a part of it, which may be a password.
		return nil, fmt.Errorf("endpoint %s: is no URL that can be read", redact(e))
	}
	switch {
	case u.Hostname() == "":
		return nil, fmt.Errorf("endpoint %s: no host", redact(e))
	case u.Port() != "" && !validPort(u.Port()):
		return nil, fmt.Errorf("endpoint %s: want a port from 1 to 65535", redact(e))
	case u.User != nil:
		return nil, fmt.Errorf("endpoint %s: user and password belong into an authorization header", redact(e))
	case u.Fragment != "":
		return nil, fmt.Errorf("endpoint %s: a fragment is never sent", redact(e))
	}
	return u, nil
}

// escapeZone writes the percent sign of a zone as URLs have it (RFC 6874). People
// write it as everywhere else: http://[fe80::1%eth0]:4318.
func escapeZone(e string) string {
	open, end := strings.IndexByte(e, '['), strings.IndexByte(e, ']')
	if open < 0 || end < open {
		return e
	}
	zone := strings.IndexByte(e[:end], '%')
	if zone < open || strings.HasPrefix(e[zone:], "%25") {
		return e
	}
	return e[:zone] + "%25" + e[zone+1:]
}

func validPort(s string) bool {
	if s == "" || len(s) > 5 {
		return false
	}
	n := 0
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
		n = n*10 + int(c-'0')
	}
	return n >= 1 && n <= 65535
}
