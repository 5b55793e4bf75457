package sink_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	logs "go.opentelemetry.io/proto/otlp/logs/v1"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/codec"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/endpoint"
	"github.com/otelsim/otelsim/pkg/replay/otlpgrpc"
	"github.com/otelsim/otelsim/pkg/replay/otlphttp"
	"github.com/otelsim/otelsim/pkg/replay/sink"
)

// start runs a sink on loopback until the test ends.
func start(t testing.TB, o sink.Options) *sink.Sink {
	t.Helper()
	if o.GRPCListen == "" {
		o.GRPCListen = "127.0.0.1:0"
	}
	if o.HTTPListen == "" {
		o.HTTPListen = "127.0.0.1:0"
	}
	s, err := sink.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	return s
}

func stop(t testing.TB, s *sink.Sink) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		t.Errorf("stop: %v", err)
	}
}

// way is one of the ways to send.
type way struct {
	protocol    endpoint.Protocol
	compression codec.Compression
}

func (w way) String() string { return fmt.Sprintf("%v %v", w.protocol, w.compression) }

// protocols are the ways without compression.
var protocols = []way{{protocol: endpoint.GRPC}, {protocol: endpoint.HTTPProtobuf}, {protocol: endpoint.HTTPJSON}}

// dial returns a transport to s, with settings changed by edit.
func dial(t testing.TB, s *sink.Sink, w way, edit ...func(*endpoint.Settings)) replay.Transport {
	t.Helper()
	settings := endpoint.Settings{Protocol: w.protocol, Compression: w.compression}
	if w.protocol == endpoint.GRPC {
		settings.Targets = []endpoint.Target{{Addr: s.GRPCAddr().String()}}
	} else {
		settings.Targets = []endpoint.Target{{URL: "http://" + s.HTTPAddr().String() + "/"}}
	}
	for _, e := range edit {
		e(&settings)
	}
	return dialSettings(t, settings)
}

func dialSettings(t testing.TB, settings endpoint.Settings) replay.Transport {
	t.Helper()
	var tr replay.Transport
	var err error
	if settings.Protocol == endpoint.GRPC {
		tr, err = otlpgrpc.New(otlpgrpc.Options{Settings: settings, Connections: 2, UserAgent: "test/1"})
	} else {
		tr, err = otlphttp.New(otlphttp.Options{Settings: settings, UserAgent: "test/1"})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tr.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return tr
}

func send(t testing.TB, tr replay.Transport, sig otlp.Signal, payload []byte) replay.Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return tr.Send(ctx, sig, payload)
}

// items is how many items are in each payload.
const items = 5

// payload returns a request of sig, distinct for each n.
func payload(t testing.TB, w way, sig otlp.Signal, n int) []byte {
	t.Helper()
	if w.protocol == endpoint.HTTPJSON {
		return jsonPayload(sig, n)
	}
	return protoPayload(t, sig, n, items, 0)
}

// protoPayload has count items with texts of size bytes.
func protoPayload(t testing.TB, sig otlp.Signal, n, count, size int) []byte {
	t.Helper()
	res := &resource.Resource{Attributes: attributes("service.name", "test")}
	text := func(i int) string { return fmt.Sprintf("%0*d", size, n*count+i) }
	var m proto.Message
	switch sig {
	case otlp.SignalTraces:
		scope := &trace.ScopeSpans{}
		for i := range count {
			scope.Spans = append(scope.Spans, &trace.Span{
				TraceId: fmt.Appendf(nil, "%016d", n), SpanId: fmt.Appendf(nil, "%08d", i),
				Name: "span", StartTimeUnixNano: 1, EndTimeUnixNano: 2, Attributes: attributes("text", text(i)),
			})
		}
		m = &trace.TracesData{ResourceSpans: []*trace.ResourceSpans{{Resource: res, ScopeSpans: []*trace.ScopeSpans{scope}}}}
	case otlp.SignalMetrics:
		sum := &metrics.Sum{}
		for i := range count {
			sum.DataPoints = append(sum.DataPoints, &metrics.NumberDataPoint{
				TimeUnixNano: uint64(n), Attributes: attributes("text", text(i)),
				Value: &metrics.NumberDataPoint_AsInt{AsInt: int64(n)},
			})
		}
		m = &metrics.MetricsData{ResourceMetrics: []*metrics.ResourceMetrics{{Resource: res,
			ScopeMetrics: []*metrics.ScopeMetrics{{Metrics: []*metrics.Metric{{Name: "m", Data: &metrics.Metric_Sum{Sum: sum}}}}}}}}
	case otlp.SignalLogs:
		scope := &logs.ScopeLogs{}
		for i := range count {
			scope.LogRecords = append(scope.LogRecords, &logs.LogRecord{TimeUnixNano: uint64(n), Attributes: attributes("text", text(i))})
		}
		m = &logs.LogsData{ResourceLogs: []*logs.ResourceLogs{{Resource: res, ScopeLogs: []*logs.ScopeLogs{scope}}}}
	}
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func attributes(k, v string) []*common.KeyValue {
	return []*common.KeyValue{{Key: k, Value: &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: v}}}}
}

func jsonPayload(sig otlp.Signal, n int) []byte {
	var list []byte
	for i := range items {
		if i > 0 {
			list = append(list, " ,\n"...)
		}
		switch sig {
		case otlp.SignalTraces:
			list = fmt.Appendf(list, `{"traceId":"%032x","spanId":"%016X","name":"a \"}{[ name"}`, n, i)
		case otlp.SignalMetrics:
			list = fmt.Appendf(list, `{"timeUnixNano":"%d","asInt":"%d"}`, n, n*items+i)
		case otlp.SignalLogs:
			list = fmt.Appendf(list, `{"timeUnixNano":"%d","body":{"stringValue":"%d"}}`, n, n*items+i)
		}
	}
	f := [otlp.NumSignals]string{
		`{"resourceSpans":[{"resource":{"attributes":[]},"scopeSpans":[{"spans":[%s]}]}]}`,
		`{"resourceMetrics":[{"resource":{},"scopeMetrics":[{"metrics":[{"name":"m","sum":{"dataPoints":[%s]}}]}]}]}`,
		`{"resourceLogs":[{"scopeLogs":[{"scope":null,"logRecords":[%s]}]},{"scopeLogs":[]}]}`,
	}[sig]
	return fmt.Appendf(nil, f, list)
}

// authority issues certificates for 127.0.0.1.
type authority struct {
	dir  string
	name string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t testing.TB, name string) *authority {
	t.Helper()
	a := &authority{dir: t.TempDir(), name: name}
	a.cert, a.key = a.issue(t, name, nil)
	return a
}

func (a *authority) file(suffix string) endpoint.File {
	return endpoint.File{Path: filepath.Join(a.dir, a.name+suffix), Source: "--test"}
}

// issue makes a certificate signed by parent, or by itself, as files.
func (a *authority) issue(t testing.TB, name string, parent *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	check := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	c := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, BasicConstraintsValid: true, IsCA: parent == nil,
	}
	signer := a.key
	if parent == nil {
		parent, signer = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	check(err)
	c, err = x509.ParseCertificate(der)
	check(err)
	private, err := x509.MarshalECPrivateKey(key)
	check(err)
	write := func(suffix, kind string, der []byte) {
		check(os.WriteFile(filepath.Join(a.dir, name+suffix), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
	}
	write(".crt", "CERTIFICATE", der)
	write(".key", "EC PRIVATE KEY", private)
	return c, key
}

// server returns the configuration of a server with a certificate of a, which
// wants client certificates of clients if that is not nil.
func (a *authority) server(t testing.TB, clients *authority) *tls.Config {
	t.Helper()
	a.issue(t, "server", a.cert)
	pair, err := tls.LoadX509KeyPair(filepath.Join(a.dir, "server.crt"), filepath.Join(a.dir, "server.key"))
	if err != nil {
		t.Fatal(err)
	}
	c := &tls.Config{Certificates: []tls.Certificate{pair}}
	if clients != nil {
		c.ClientCAs = x509.NewCertPool()
		c.ClientCAs.AddCert(clients.cert)
		c.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return c
}

// client returns the files of a client certificate of a.
func (a *authority) client(t testing.TB) (cert, key endpoint.File) {
	t.Helper()
	a.issue(t, "client", a.cert)
	return endpoint.File{Path: filepath.Join(a.dir, "client.crt")}, endpoint.File{Path: filepath.Join(a.dir, "client.key")}
}
