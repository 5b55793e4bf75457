package endpoint

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// TestVariablesAreThoseThatDecide names what decides, and nothing that a flag, a
// more specific variable or the default has the better of.
func TestVariablesAreThoseThatDecide(t *testing.T) {
	for _, c := range []struct {
		why, env string
		flags    Flags
		signals  []otlp.Signal
		want     string
	}{
		{why: "nothing is set"},
		{why: "all that is set", env: "ENDPOINT=http://h:1 PROTOCOL=http/json HEADERS=a=b TIMEOUT=5000 COMPRESSION=gzip",
			want: "PROTOCOL ENDPOINT HEADERS COMPRESSION TIMEOUT"},
		{why: "a flag decides", env: "ENDPOINT=http://h:1 TIMEOUT=5000", flags: Flags{Endpoints: []string{"http://x:2"}}, want: "TIMEOUT"},
		{why: "the default", env: "PROTOCOL=grpc TIMEOUT=10000 COMPRESSION=none", want: ""},
		{why: "a signal's own variable", env: "ENDPOINT=http://h:1 TRACES_ENDPOINT=http://t:1",
			signals: []otlp.Signal{otlp.SignalTraces}, want: "TRACES_ENDPOINT"},
		{why: "both, for those that are sent", env: "ENDPOINT=http://h:1 TRACES_ENDPOINT=http://t:1 METRICS_ENDPOINT=http://m:1",
			signals: []otlp.Signal{otlp.SignalTraces, otlp.SignalLogs}, want: "TRACES_ENDPOINT ENDPOINT"},
		{why: "one that is wrong", env: "PROTOCOL=tcp", want: "PROTOCOL"},
	} {
		env := make(map[string]string)
		for _, pair := range strings.Fields(c.env) {
			name, value, _ := strings.Cut(pair, "=")
			env["OTEL_EXPORTER_OTLP_"+name] = value
		}
		got := strings.Join(Variables(c.flags, func(name string) string { return env[name] }, c.signals...), " ")
		if got = strings.ReplaceAll(got, "OTEL_EXPORTER_OTLP_", ""); got != c.want {
			t.Errorf("%s: got %q, want %q", c.why, got, c.want)
		}
	}
}
