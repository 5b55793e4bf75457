package scenario

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// What services and operations are that do not say it, by Protocol.
var (
	usualSystems = []string{"", "grpc", "postgresql", "kafka", ""}
	usualKinds   = []uint8{otlp.SpanKindServer, otlp.SpanKindServer, otlp.SpanKindClient, otlp.SpanKindConsumer, otlp.SpanKindInternal}
	usualPorts   = []int64{8080, 50051, 0, 0, 0}
	usualErrors  = []string{"500", "INTERNAL", "_OTHER", "_OTHER", "_OTHER"}
	// usualRetries is what is worth another attempt beside commonErrors: what nobody
	// can be blamed for who asks.
	usualRetries = [][]string{{"429", "500", "502", "503", "504"}, {"RESOURCE_EXHAUSTED", "ABORTED", "INTERNAL"}, {"_OTHER"}, nil, {"_OTHER"}}
)

// databasePorts and brokerPorts are the ports that systems listen on out of the box.
var (
	databasePorts = map[string]int64{
		"postgresql": 5432, "cockroachdb": 26257, "mysql": 3306, "mariadb": 3306, "microsoft.sql_server": 1433,
		"oracle.db": 1521, "redis": 6379, "memcached": 11211, "mongodb": 27017, "cassandra": 9042, "elasticsearch": 9200,
		"opensearch": 9200, "clickhouse": 8123, "couchdb": 5984, "neo4j": 7687, "influxdb": 8086,
	}
	brokerPorts = map[string]int64{
		"kafka": 9092, "rabbitmq": 5672, "activemq": 61616, "pulsar": 6650, "rocketmq": 9876, "servicebus": 5671,
	}
)

// protocolOfSystem returns the protocol of a system that is known; "" of others.
func protocolOfSystem(system string) string {
	switch {
	case databasePorts[system] > 0:
		return protocols[ProtocolDB]
	case brokerPorts[system] > 0:
		return protocols[ProtocolMessaging]
	}
	return ""
}

// Milliseconds that things take which do not say it.
const (
	usualOwn     = 5 // an operation, beside its calls
	usualInner   = 1 // a span within one
	usualNetwork = 1
	usualQueue   = 20
)

// usualLead is the share of own time before calls where none is said.
const usualLead = 0.1

// SystemOf returns the product that the service is in operations of a protocol,
// as rpc.system.name, db.system.name and messaging.system have it; empty for
// http and none.
func (m *Member) SystemOf(p Protocol) string {
	if p == m.Protocol || p == ProtocolMessaging && m.System != "" && usualSystems[m.Protocol] == "" {
		return m.System
	}
	return usualSystems[p]
}

// AddressOf returns where operations of a protocol are called: messages go to
// the system that passes them on.
func (m *Member) AddressOf(p Protocol) string {
	switch {
	case p == m.Protocol:
		return m.Address
	case p == ProtocolMessaging:
		return m.SystemOf(p)
	}
	return m.Name
}

// PortOf returns the port that operations of a protocol are called at; 0: not
// known.
func (m *Member) PortOf(p Protocol) int64 {
	if p == m.Protocol {
		return m.Port
	}
	return usualPort(p, m.SystemOf(p))
}

func usualPort(p Protocol, system string) int64 {
	switch p {
	case ProtocolDB:
		return databasePorts[system]
	case ProtocolMessaging:
		return brokerPorts[system]
	}
	return usualPorts[p]
}

func (m *Member) usualAddress() string {
	if m.Protocol == ProtocolMessaging {
		return m.System
	}
	return m.Name
}

func (m *Member) usualPort() int64 { return usualPort(m.Protocol, m.System) }

// KindWord is what files call a kind of span, an otlp.SpanKind.
func KindWord(kind uint8) string {
	if kind == otlp.SpanKindUnspecified || int(kind) > len(kindWords) {
		return "unspecified"
	}
	return kindWords[kind-1]
}

// kindOf is the kind of a span that a word stands for.
func kindOf(word string) uint8 { return uint8(slices.Index(kindWords, word) + 1) }

// measured reads by the metrics of which protocol a span counts that is of none.
func (r *members) measured(m input.Map) string {
	if m.Get("measured") == nil {
		return ""
	}
	return m.OneOf("measured", protocols[ProtocolHTTP], protocols[:ProtocolNone]...)
}
