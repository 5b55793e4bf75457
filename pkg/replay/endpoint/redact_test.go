package endpoint

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/codec"
)

// Whatever is wrong with an endpoint or a header, what could be a password or a
// token in it is not told.
func TestErrorsTellNoSecrets(t *testing.T) {
	endpoints := []string{
		"http://user:secret@host", "http://secret@host", "https://user:secret@host:4317/path", "http://user:secret/part@host",
		"http://user:se%zzcret@host", "http://user:secret@host:port", "http://host/?key=secret", "http://host/#secret",
		"http://host/?key=user@secret", "http://user:sec?ret@host", "user:secret@host:4317", "user:secret@host", "secret@host",
		"ftp://user:secret@host", "dns:///user:secret@host", "dns://secret@1.1.1.1/host", "http://[::1?secret", "http://host:70000/?secret",
		"host:4317?key=secret", "http://:80/?secret", "http://user:secret@", "//user:secret@host/x y",
	}
	for _, e := range endpoints {
		for _, protocol := range []string{"grpc", "http/protobuf"} {
			for _, c := range []struct {
				flags Flags
				env   env
			}{
				{Flags{Protocol: protocol, Endpoints: []string{e}}, nil},
				{Flags{Protocol: protocol, Insecure: true, CACert: "x.pem"}, env{"ENDPOINT": e}},
				{Flags{Protocol: protocol, CACert: "x.pem"}, env{"LOGS_ENDPOINT": e}},
			} {
				s, err := Resolve(c.flags, c.env.get)
				if err == nil {
					// It is right as it is, and then shown in plans and reports.
					for _, target := range s[otlp.SignalLogs].Targets {
						checkNoSecret(t, e, target.String())
					}
					continue
				}
				checkNoSecret(t, e, err.Error())
			}
		}
	}
	for _, h := range []string{
		"secret", "Authorization: Bearer secret", "Authorization: Basic secret==", "Bearer secret=", "authorization=sec\nret", "=secret",
		"\x1bsecret=x", "a=%zzsecret", "host=secret", "grpc-timeout=secret", "x=\u00e9secret",
		"authorization=Bearer a,secret", "a=b, secret", "a=b,secret x=y",
	} {
		if _, err := Resolve(Flags{Headers: []string{h}}, env{}.get); err != nil {
			checkNoSecret(t, "--header "+h, err.Error())
		}
		if _, err := Resolve(Flags{}, env{"HEADERS": h}.get); err != nil {
			checkNoSecret(t, "HEADERS="+h, err.Error())
		}
	}
}

func checkNoSecret(t *testing.T, of, shown string) {
	t.Helper()
	for _, part := range []string{"secret", "sec", "cret", "ret@", "user"} {
		if strings.Contains(strings.ReplaceAll(shown, "user and password", ""), part) {
			t.Errorf("%s: %q tells a secret", of, shown)
			return
		}
	}
}

func TestEndpointsAreShownWithoutSecrets(t *testing.T) {
	for e, want := range map[string]string{
		"http://host:4318/path":            "http://host:4318/path",
		"http://user:secret@host/path?k=v": "http://...@host/path?...",
		"http://host/in?key=secret":        "http://host/in?...",
		"http://host/in?key=a@b":           "http://...",
		"host:4317":                        "host:4317",
		"u:p@host:4317":                    "...@host:4317",
		"http://a\x1b[31mb":                `http://a\x1b[31mb`,
	} {
		if got := redact(e); got != want {
			t.Errorf("%q: got %s, want %s", e, got, want)
		}
	}
}

func TestWordsOfVariablesInAnyCase(t *testing.T) {
	for _, c := range []struct {
		env         env
		protocol    Protocol
		compression codec.Compression
	}{
		{env{"PROTOCOL": "GRPC", "COMPRESSION": "GZIP"}, GRPC, codec.Gzip},
		{env{"PROTOCOL": "HTTP/JSON", "COMPRESSION": "Zstd"}, HTTPJSON, codec.Zstd},
		{env{"PROTOCOL": "http/Protobuf", "COMPRESSION": "NONE", "INSECURE": "True"}, HTTPProtobuf, codec.None},
	} {
		s, err := Resolve(Flags{}, c.env.get)
		if err != nil || s[0].Protocol != c.protocol || s[0].Compression != c.compression {
			t.Errorf("%v: got %v, %v, %v", c.env, s[0].Protocol, s[0].Compression, err)
		}
	}
}

// What is said of a signal that is not sent does not matter.
func TestUnsentSignalsDoNotMatter(t *testing.T) {
	e := env{"METRICS_PROTOCOL": "tcp", "LOGS_ENDPOINT": "nowhere:x:y", "LOGS_HEADERS": "x", "METRICS_TIMEOUT": "-1",
		"LOGS_COMPRESSION": "snappy", "METRICS_CLIENT_KEY": "k.pem", "LOGS_INSECURE": "maybe"}
	s, err := Resolve(Flags{}, e.get, otlp.SignalTraces)
	if err != nil || len(s[otlp.SignalTraces].Targets) != 1 || s[otlp.SignalLogs].Targets != nil {
		t.Errorf("got %+v, %v", s, err)
	}
	for _, sig := range []otlp.Signal{otlp.SignalMetrics, otlp.SignalLogs} {
		if _, err := Resolve(Flags{}, e.get, otlp.SignalTraces, sig); err == nil {
			t.Errorf("%v: no error", sig)
		}
	}
}
