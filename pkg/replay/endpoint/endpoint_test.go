package endpoint

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/codec"
)

// env stands in for the environment: "ENDPOINT" is OTEL_EXPORTER_OTLP_ENDPOINT.
type env map[string]string

func (e env) get(name string) string {
	short, found := strings.CutPrefix(name, "OTEL_EXPORTER_OTLP_")
	if !found {
		panic("looked up " + name)
	}
	return e[short]
}

// urls returns where the three signals go, traces first.
func urls(s [otlp.NumSignals]Settings) []string {
	var list []string
	for sig := range otlp.Signal(otlp.NumSignals) {
		for _, t := range s[sig].Targets {
			if s[sig].Protocol == GRPC {
				list = append(list, t.Addr)
			} else {
				list = append(list, t.SignalURL(sig))
			}
		}
	}
	return list
}

func TestHTTPEndpoints(t *testing.T) {
	rows := []struct {
		why   string
		flags Flags
		env   env
		want  []string // traces, metrics, logs
	}{
		{"the default", Flags{}, env{},
			[]string{"http://localhost:4318/v1/traces", "http://localhost:4318/v1/metrics", "http://localhost:4318/v1/logs"}},
		{"example 1 of the specification: one base for all signals", Flags{}, env{"ENDPOINT": "http://collector:4318"},
			[]string{"http://collector:4318/v1/traces", "http://collector:4318/v1/metrics", "http://collector:4318/v1/logs"}},
		{"example 2: endpoints of signals are used as they are, with / for no path", Flags{},
			env{"TRACES_ENDPOINT": "http://collector:4318", "METRICS_ENDPOINT": "https://collector.example.com/v1/metrics"},
			[]string{"http://collector:4318/", "https://collector.example.com/v1/metrics", "http://localhost:4318/v1/logs"}},
		{"example 3: a base with a path, one signal elsewhere with its slash kept", Flags{},
			env{"ENDPOINT": "http://collector:4318/mycollector/", "METRICS_ENDPOINT": "https://collector.example.com/v1/metrics/"},
			[]string{"http://collector:4318/mycollector/v1/traces", "https://collector.example.com/v1/metrics/", "http://collector:4318/mycollector/v1/logs"}},
		{"a base with a path and no slash gets one", Flags{}, env{"ENDPOINT": "https://c/x"},
			[]string{"https://c/x/v1/traces", "https://c/x/v1/metrics", "https://c/x/v1/logs"}},
		{"a base with a slash and no path does not get two", Flags{Endpoints: []string{"http://c:1/"}}, env{},
			[]string{"http://c:1/v1/traces", "http://c:1/v1/metrics", "http://c:1/v1/logs"}},
		{"the flag is a base and wins over every variable", Flags{Endpoints: []string{"http://flag:1"}},
			env{"ENDPOINT": "http://a:2", "LOGS_ENDPOINT": "http://b:3"},
			[]string{"http://flag:1/v1/traces", "http://flag:1/v1/metrics", "http://flag:1/v1/logs"}},
		{"several flags are several targets", Flags{Endpoints: []string{"http://a:1", "https://b"}}, env{},
			[]string{"http://a:1/v1/traces", "https://b/v1/traces", "http://a:1/v1/metrics", "https://b/v1/metrics", "http://a:1/v1/logs", "https://b/v1/logs"}},
		{"an empty variable is an unset one", Flags{}, env{"ENDPOINT": "", "TRACES_ENDPOINT": "  "},
			[]string{"http://localhost:4318/v1/traces", "http://localhost:4318/v1/metrics", "http://localhost:4318/v1/logs"}},
		{"the query of a signal's endpoint is part of it", Flags{}, env{"TRACES_ENDPOINT": "http://c/in?key=1"},
			[]string{"http://c/in?key=1", "http://localhost:4318/v1/metrics", "http://localhost:4318/v1/logs"}},
		{"escapes in paths and IPv6 hosts stay as written", Flags{}, env{"ENDPOINT": "http://[::1]:4318/a%2Fb"},
			[]string{"http://[::1]:4318/a%2Fb/v1/traces", "http://[::1]:4318/a%2Fb/v1/metrics", "http://[::1]:4318/a%2Fb/v1/logs"}},
		{"zones, as URLs have them and as everybody writes them", Flags{Endpoints: []string{"http://[fe80::1%25eth0]:4318", "http://[fe80::2%eth0]"}}, env{},
			[]string{"http://[fe80::1%25eth0]:4318/v1/traces", "http://[fe80::2%25eth0]/v1/traces", "http://[fe80::1%25eth0]:4318/v1/metrics",
				"http://[fe80::2%25eth0]/v1/metrics", "http://[fe80::1%25eth0]:4318/v1/logs", "http://[fe80::2%25eth0]/v1/logs"}},
		{"the variable follows the specification even where that is odd", Flags{}, env{"ENDPOINT": "http://c/v1/traces"},
			[]string{"http://c/v1/traces/v1/traces", "http://c/v1/traces/v1/metrics", "http://c/v1/traces/v1/logs"}},
	}
	for _, r := range rows {
		r.flags.Protocol = "http/protobuf"
		s, err := Resolve(r.flags, r.env.get)
		if got := urls(s); err != nil || !slices.Equal(got, r.want) {
			t.Errorf("%s:\n got %q, %v\nwant %q", r.why, got, err, r.want)
		}
	}
}

func TestGRPCEndpoints(t *testing.T) {
	rows := []struct {
		why      string
		endpoint string
		insecure bool
		addr     string
		secure   bool
	}{
		{"http is plaintext", "http://collector:4317", false, "collector:4317", false},
		{"https is TLS", "https://collector:4317", false, "collector:4317", true},
		{"a trailing slash means nothing", "http://collector:4317/", false, "collector:4317", false},
		{"nor does a path", "https://collector:4317/v1/traces", false, "collector:4317", true},
		{"the port of OTLP/gRPC is the default", "http://collector", false, "collector:4317", false},
		{"without a scheme it is TLS", "collector:55", false, "collector:55", true},
		{"unless told otherwise", "collector:55", true, "collector:55", false},
		{"a bare host", "collector", true, "collector:4317", false},
		{"a bare IPv6 address", "::1", true, "[::1]:4317", false},
		{"the same in brackets", "[::1]", true, "[::1]:4317", false},
		{"an IPv6 URL", "http://[::1]:9", false, "[::1]:9", false},
		{"a zone", "[fe80::1%eth0]:9", true, "[fe80::1%eth0]:9", false},
		{"a zone without a port", "[fe80::1%eth0]", true, "[fe80::1%eth0]:4317", false},
		{"a zone in a URL", "http://[fe80::1%25eth0]:9", false, "[fe80::1%eth0]:9", false},
		{"a zone in a URL, as people write it", "http://[fe80::1%eth0]:9", false, "[fe80::1%eth0]:9", false},
		{"a Unix socket of the library's", "unix:///run/otlp.sock", true, "unix:///run/otlp.sock", false},
		{"a target of the library's", "dns:///collector:1", false, "dns:///collector:1", true},
	}
	for _, r := range rows {
		s, err := Resolve(Flags{Endpoints: []string{r.endpoint}, Insecure: r.insecure}, env{}.get)
		if want := (Target{Addr: r.addr, Secure: r.secure}); err != nil || s[0].Targets[0] != want {
			t.Errorf("%s: %q: got %+v, %v; want %+v", r.why, r.endpoint, s[0].Targets, err, want)
		}
	}
	s, err := Resolve(Flags{}, env{"ENDPOINT": "https://a:1", "INSECURE": "TRUE", "LOGS_ENDPOINT": "b:2"}.get)
	if want := []string{"a:1", "a:1", "b:2"}; err != nil || !slices.Equal(urls(s), want) {
		t.Errorf("got %q, %v; want %q", urls(s), err, want)
	}
	if !s[0].Secure() || s[otlp.SignalLogs].Secure() {
		t.Error("a scheme must win over INSECURE, which decides where there is none")
	}
	if s, err = Resolve(Flags{TimeoutGiven: true}, env{"TIMEOUT": "5"}.get); err != nil || s[0].Timeout != 0 {
		t.Errorf("a flag of 0: got %v, %v; want no limit", s[0].Timeout, err)
	}
	if s, err = Resolve(Flags{}, env{}.get); err != nil || s[0].Targets[0] != (Target{Addr: "localhost:4317"}) {
		t.Errorf("default: got %+v, %v", s[0].Targets, err)
	}
}

func TestPrecedenceIsFlagThenSignalThenGeneral(t *testing.T) {
	e := env{
		"PROTOCOL": "http/json", "LOGS_PROTOCOL": "grpc",
		"COMPRESSION": "gzip", "METRICS_COMPRESSION": "none",
		"TIMEOUT": "2500", "TRACES_TIMEOUT": "0",
		"HEADERS": "a=1,b=2", "LOGS_HEADERS": "c=3",
		"CERTIFICATE": "ca.pem", "TRACES_CERTIFICATE": "traces.pem",
		"CLIENT_CERTIFICATE": "cert.pem", "CLIENT_KEY": "key.pem",
	}
	s, err := Resolve(Flags{Headers: []string{"B=flag", "d=4=4"}}, e.get)
	if err != nil {
		t.Fatal(err)
	}
	for sig, want := range []Settings{
		{Protocol: HTTPJSON, Compression: codec.Gzip, Timeout: 0,
			Headers: []Header{{"a", "1"}, {"b", "flag"}, {"d", "4=4"}}, CACert: File{"traces.pem", "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE"}},
		{Protocol: HTTPJSON, Compression: codec.None, Timeout: 2500 * time.Millisecond,
			Headers: []Header{{"a", "1"}, {"b", "flag"}, {"d", "4=4"}}, CACert: File{"ca.pem", "OTEL_EXPORTER_OTLP_CERTIFICATE"}},
		{Protocol: GRPC, Compression: codec.Gzip, Timeout: 2500 * time.Millisecond,
			Headers: []Header{{"b", "flag"}, {"c", "3"}, {"d", "4=4"}}, CACert: File{"ca.pem", "OTEL_EXPORTER_OTLP_CERTIFICATE"}},
	} {
		got := s[sig]
		if got.Protocol != want.Protocol || got.Compression != want.Compression || got.Timeout != want.Timeout ||
			!slices.Equal(got.Headers, want.Headers) || got.CACert != want.CACert || got.Key.Path != "key.pem" {
			t.Errorf("signal %d: got %+v, want %+v", sig, got, want)
		}
	}
	s, err = Resolve(Flags{Protocol: "http/protobuf", Compression: "zstd", Timeout: time.Second}, e.get)
	for sig := range s {
		if err != nil || s[sig].Protocol != HTTPProtobuf || s[sig].Compression != codec.Zstd || s[sig].Timeout != time.Second {
			t.Errorf("flags: got %+v, %v", s[sig], err)
		}
	}
	if s, err = Resolve(Flags{}, env{}.get); err != nil || s[0].Timeout != DefaultTimeout || s[0].Compression != codec.None {
		t.Errorf("defaults: got %+v, %v", s[0], err)
	}
}

func TestHeaderLists(t *testing.T) {
	rows := []struct {
		why, in string
		want    []Header
	}{
		{"the specification's form", "key1=value1,key2=value2", []Header{{"key1", "value1"}, {"key2", "value2"}}},
		{"spaces do not count", " a = 1 ,\tb=2 ", []Header{{"a", "1"}, {"b", "2"}}},
		{"values are percent-encoded", "Authorization=Basic%20dTpw%3D%2C", []Header{{"authorization", "Basic dTpw=,"}}},
		{"and may hold the bare characters too", "authorization=Bearer a=b==", []Header{{"authorization", "Bearer a=b=="}}},
		{"a plus is a plus", "a=1+1", []Header{{"a", "1+1"}}},
		{"an empty value is a value", "a=", []Header{{"a", ""}}},
		{"empty members do not count", ",a=1,,", []Header{{"a", "1"}}},
		{"the last of equal keys counts", "a=1,A=2", []Header{{"a", "2"}}},
	}
	for _, r := range rows {
		s, err := Resolve(Flags{}, env{"HEADERS": r.in}.get)
		if err != nil || !slices.Equal(s[0].Headers, r.want) {
			t.Errorf("%s: %q: got %q, %v; want %q", r.why, r.in, s[0].Headers, err, r.want)
		}
	}
	s, err := Resolve(Flags{Headers: []string{"x=a%20b"}}, env{}.get)
	if err != nil || s[0].Headers[0].Value != "a%20b" {
		t.Errorf("a flag is literal: got %q, %v", s[0].Headers, err)
	}
}

func TestErrorsNameTheFlagOrVariable(t *testing.T) {
	http := Flags{Protocol: "http/protobuf"}
	rows := []struct {
		why   string
		flags Flags
		env   env
		want  []string
	}{
		{"a host alone is no URL", http, env{"ENDPOINT": "collector:4318"}, []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", "http://"}},
		{"another scheme", http, env{"LOGS_ENDPOINT": "ftp://c"}, []string{"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "ftp://c"}},
		{"another scheme with gRPC", Flags{Endpoints: []string{"grpc://c"}}, nil, []string{"--endpoint", "grpc://c"}},
		{"no host", http, env{"ENDPOINT": "http://:4318"}, []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "no host"}},
		{"a port out of range", Flags{Endpoints: []string{"http://c:70000"}}, nil, []string{"--endpoint", "70000"}},
		{"a port that is a word", Flags{Endpoints: []string{"c:otlp"}}, nil, []string{"--endpoint", "c:otlp"}},
		{"the path of a signal given to a base", Flags{Protocol: "http/json", Endpoints: []string{"http://c/v1/traces/"}}, nil, []string{"--endpoint", "v1/<signal>"}},
		{"a query on a base", http, env{"ENDPOINT": "http://c/?x=1"}, []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "query"}},
		{"a fragment", http, env{"ENDPOINT": "http://c/#x"}, []string{"fragment"}},
		{"credentials in the URL, which are not repeated", http, env{"ENDPOINT": "http://u:secret@c"}, []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "header"}},
		{"an unknown protocol", Flags{}, env{"METRICS_PROTOCOL": "http"}, []string{"OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", `"http"`, "http/protobuf"}},
		{"an unknown protocol as a flag", Flags{Protocol: "udp"}, nil, []string{"--protocol", `"udp"`}},
		{"an unknown compression", Flags{}, env{"COMPRESSION": "snappy"}, []string{"OTEL_EXPORTER_OTLP_COMPRESSION", "snappy", "zstd"}},
		{"a timeout with a unit", Flags{}, env{"TIMEOUT": "10s"}, []string{"OTEL_EXPORTER_OTLP_TIMEOUT", `"10s"`, "milliseconds"}},
		{"a negative timeout", Flags{}, env{"TIMEOUT": "-1"}, []string{"OTEL_EXPORTER_OTLP_TIMEOUT"}},
		{"a negative timeout as a flag", Flags{Timeout: -1}, nil, []string{"--timeout"}},
		{"a boolean that is none", Flags{}, env{"INSECURE": "yes"}, []string{"OTEL_EXPORTER_OTLP_INSECURE", "yes"}},
		{"a header without value", Flags{}, env{"TRACES_HEADERS": "a"}, []string{"OTEL_EXPORTER_OTLP_TRACES_HEADERS", "number 1 has no ="}},
		{"a bad escape", Flags{}, env{"HEADERS": "key=%zzsecret"}, []string{"OTEL_EXPORTER_OTLP_HEADERS", "number 1", "percent-encoded"}},
		{"a line break in a value", Flags{}, env{"HEADERS": "a=b,key=secret%0d%0ax: y"}, []string{"number 2"}},
		{"a header flag without =", Flags{Headers: []string{"k"}}, nil, []string{"--header", "number 1 has no ="}},
		{"a header that is no name", Flags{Headers: []string{"a b=1"}}, nil, []string{"--header", "number 1", "header name"}},
		{"a header of the protocol", Flags{Headers: []string{"Content-Type=text/plain"}}, nil, []string{"--header", "content-type"}},
		{"a certificate without key", Flags{Cert: "c.pem", Endpoints: []string{"https://c"}}, nil, []string{"--cert", "--key"}},
		{"a key without certificate", Flags{}, env{"CLIENT_KEY": "k.pem"}, []string{"OTEL_EXPORTER_OTLP_CLIENT_KEY", "--cert"}},
		{"a certificate for plaintext", Flags{CACert: "ca.pem", Endpoints: []string{"http://c"}}, nil, []string{"--ca-cert", "plaintext"}},
		{"plaintext asked of https", Flags{Insecure: true, Endpoints: []string{"https://c"}}, nil, []string{"--insecure", "https://c"}},
	}
	for _, r := range rows {
		_, err := Resolve(r.flags, r.env.get)
		if err == nil {
			t.Errorf("%s: no error", r.why)
			continue
		}
		for _, w := range r.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %q does not say %q", r.why, err, w)
			}
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %q tells a secret", r.why, err)
		}
	}
}

func TestTLSFiles(t *testing.T) {
	s := Settings{Targets: []Target{{Addr: "c:1"}}, CACert: File{"/nonexistent", "--ca-cert"}}
	if c, err := s.TLS(); c != nil || err != nil {
		t.Errorf("plaintext: got %v, %v", c, err)
	}
	s.Targets[0].Secure = true
	if _, err := s.TLS(); err == nil || !strings.Contains(err.Error(), "--ca-cert") {
		t.Errorf("missing file: got %v", err)
	}
	s.CACert.Path = "endpoint_test.go"
	if _, err := s.TLS(); err == nil || !strings.Contains(err.Error(), "no PEM certificate") {
		t.Errorf("file without certificates: got %v", err)
	}
	s.CACert = File{}
	s.Cert, s.Key = File{"endpoint.go", "--cert"}, File{"endpoint.go", "OTEL_X"}
	if _, err := s.TLS(); err == nil || !strings.Contains(err.Error(), "--cert, OTEL_X") {
		t.Errorf("bad pair: got %v", err)
	}
}
