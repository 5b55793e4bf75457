package plan

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/rng"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Names and attributes of spans by their protocol, as the conventions have them.

// The types of spans in the registry.
const (
	typeHTTPServer = "http.server"
	typeHTTPClient = "http.client"
	typeRPCServer  = "rpc.grpc.call.server"
	typeRPCClient  = "rpc.grpc.call.client"
	typeSend       = "messaging.send.producer"
	typeProcess    = "messaging.process.consumer"
	typeDatabase   = "db.client"
)

// databaseTypes are the databases that the registry has a type of span of.
var databaseTypes = map[string]string{
	"cassandra": "db.cassandra.client", "couchdb": "db.couchdb.client", "elasticsearch": "db.elasticsearch.client",
	"hbase": "db.hbase.client", "mariadb": "db.mariadb.client", "mongodb": "db.mongodb.client", "mysql": "db.mysql.client",
	"oracle.db": "db.oracledb.client", "postgresql": "db.postgresql.client", "redis": "db.redis.client",
	"microsoft.sql_server": "db.sql_server.client",
}

// ProtocolOf returns the protocol whose calls emit spans of a type of the registry, and of
// a database which one it is, empty where it is any other than those that have a type.
func ProtocolOf(spanType string) (protocol scenario.Protocol, system string, ok bool) {
	switch spanType {
	case typeHTTPServer, typeHTTPClient:
		return scenario.ProtocolHTTP, "", true
	case typeRPCServer, typeRPCClient:
		return scenario.ProtocolGRPC, "", true
	case typeSend, typeProcess:
		return scenario.ProtocolMessaging, "", true
	case typeDatabase:
		return scenario.ProtocolDB, "", true
	}
	for system, typ := range databaseTypes { // order-free: one of them has the type
		if typ == spanType {
			return scenario.ProtocolDB, system, true
		}
	}
	return scenario.ProtocolNone, "", false
}

// HasType reports whether the registry has a type of span of a database.
func HasType(database string) bool { return databaseTypes[database] != "" }

// flat are the databases that have no collections.
var flat = []string{"redis", "memcached"}

// callee is an operation as who calls it, and who answers, speak of it.
type callee struct {
	*scenario.Operation
	member        *scenario.Member
	method, route string // of http
	variant       string // which the operation is; empty: it has none, or one is drawn each time
}

func (b *systemBuilder) callee(w worked) callee {
	op := b.operation(w.ref)
	if w.way == 0 {
		return calleeOf(op, b.member(w.ref))
	}
	out := calleeOf(&op.Variants[w.way-1].Way, b.member(w.ref))
	out.variant = op.Variants[w.way-1].Name
	return out
}

// drawn reports whether the operation goes in one of several ways each time.
func (c *callee) drawn() bool { return len(c.Variants) > 0 }

// class is what tells the operation, in the way it goes, from others beside it.
func (c *callee) class() string {
	if c.variant != "" {
		return c.member.Name + "." + c.Name + " > " + c.variant
	}
	return c.member.Name + "." + c.Name
}

func calleeOf(op *scenario.Operation, m *scenario.Member) callee {
	out := callee{Operation: op, member: m}
	if out.Protocol == scenario.ProtocolHTTP {
		out.method, out.route, _ = strings.Cut(out.Name, " ")
		if out.route == "" {
			out.method, out.route = "_OTHER", "/"+out.Name
		}
	}
	return out
}

// rpcMethod is the full name of a method.
func (c *callee) rpcMethod() string {
	if strings.Contains(c.Name, "/") {
		return c.Name
	}
	return c.member.Name + "/" + c.Name
}

// queue is the destination of the messages that an operation consumes.
func (c *callee) queue() string {
	if c.Destination != "" {
		return c.Destination
	}
	return c.Name
}

// workName is what the span of an operation is called.
func (c *callee) workName() string {
	switch c.Protocol {
	case scenario.ProtocolGRPC:
		return c.rpcMethod()
	case scenario.ProtocolMessaging:
		return "process " + c.queue()
	}
	return cmp.Or(c.Span, c.Name)
}

// callName is what the span of who calls an operation is called.
func (c *callee) callName() string {
	switch c.Protocol {
	case scenario.ProtocolHTTP:
		return c.method
	case scenario.ProtocolMessaging:
		return "send " + c.queue()
	}
	return c.workName()
}

// SpansOf returns what the spans of an operation of a service are called: its own, and that of
// who calls it.
func SpansOf(op *scenario.Operation, m *scenario.Member) (work, call string) {
	c := calleeOf(op, m)
	return c.workName(), c.callName()
}

// workAttributes are those of the span of an operation, and its type.
func (b *systemBuilder) workAttributes(c callee, kind uint8) ([]Attr, string) {
	set, typ := &attrSet{fill: c.Fill}, ""
	switch c.Protocol {
	case scenario.ProtocolHTTP:
		typ = typeHTTPServer
		set.put("http.request.method", b.str(c.method))
		set.put("http.route", b.str(c.route))
		set.put("http.response.status_code", op(OpHTTPCode))
		set.put("network.protocol.version", b.str(httpVersion))
		set.put("url.scheme", b.str(httpScheme(&c)))
		set.put("url.path", b.path(&c, ""))
		b.peer(set, &c)
	case scenario.ProtocolGRPC:
		typ = typeRPCServer
		b.rpc(set, &c)
	case scenario.ProtocolMessaging:
		typ = typeProcess
		b.messages(set, &c, "process")
		if c.Group != "" {
			set.put("messaging.consumer.group.name", b.str(c.Group))
		}
	}
	if kind != usualKind(c.Protocol) {
		typ = ""
	}
	if c.Type != "" {
		typ, set.plain = c.Type, true
	}
	b.finishAttributes(set, c.Attributes, typ)
	return set.finish(b.strs), typ
}

// callAttributes are those of the span of who calls an operation, and its type.
func (b *systemBuilder) callAttributes(c callee, call *scenario.Call) ([]Attr, string) {
	set, typ := &attrSet{fill: call.Fill}, ""
	switch c.Protocol {
	case scenario.ProtocolHTTP:
		typ = typeHTTPClient
		set.put("http.request.method", b.str(c.method))
		set.put("http.response.status_code", op(OpHTTPCode))
		set.put("network.protocol.version", b.str(httpVersion))
		if call.Retry != nil {
			set.put("http.request.resend_count", op(OpResend))
		}
		address, port := b.peer(set, &c)
		set.put("url.full", b.path(&c, httpScheme(&c)+"://"+authority(address, port)))
	case scenario.ProtocolGRPC:
		typ = typeRPCClient
		b.rpc(set, &c)
	case scenario.ProtocolDB:
		typ, set.fill = b.database(set, &c), max(call.Fill, c.Fill)
		for _, a := range c.Attributes {
			set.put(a.Key, b.given(a))
		}
	case scenario.ProtocolMessaging:
		typ = typeSend
		b.messages(set, &c, "send")
		set.put(messageID, b.messageID())
	}
	b.finishAttributes(set, call.Attributes, typ)
	return set.finish(b.strs), typ
}

const httpVersion = "1.1"

// httpScheme is how a service is called over http, by its port.
func httpScheme(c *callee) string {
	if c.member.PortOf(c.Protocol) == 443 || c.member.PortOf(c.Protocol) == 8443 {
		return "https"
	}
	return "http"
}

// authority is an address with its port where that is not the usual one.
func authority(address string, port int64) string {
	if port == 0 || port == 80 || port == 443 {
		return address
	}
	return address + ":" + strconv.FormatInt(port, 10)
}

// peer adds where an operation is called, and returns it.
func (b *systemBuilder) peer(set *attrSet, c *callee) (string, int64) {
	address, port := c.member.AddressOf(c.Protocol), c.member.PortOf(c.Protocol)
	if address != "" {
		set.put("server.address", b.str(address))
		if port > 0 {
			set.put("server.port", integer(port))
		}
	}
	return address, port
}

// path is the path of a request after some text: of both sides the same.
func (b *systemBuilder) path(c *callee, before string) Attr {
	f, constant := b.routeForm(c.route)
	if constant {
		return b.str(before + c.route)
	}
	if before != "" {
		f = append(IDFormat{{Literal: before}}, f...)
	}
	return Attr{Op: OpPairText, Form: &Form{Pieces: f}, Path: rng.Hash("url.path")}
}

func (b *systemBuilder) rpc(set *attrSet, c *callee) {
	set.put("rpc.system.name", b.str(c.member.SystemOf(c.Protocol)))
	set.put("rpc.method", b.str(c.rpcMethod()))
	set.put("rpc.status_code", b.code("OK"))
	b.peer(set, c)
}

// code is the status code of a protocol; ok is that of success, if there is one.
func (b *systemBuilder) code(ok string) Attr {
	a := op(OpCode)
	if ok != "" {
		a.Values = []otlp.Attr{b.str(ok).Attr}
	}
	return a
}

// database adds what a call of a database is, and returns the type of its span.
func (b *systemBuilder) database(set *attrSet, c *callee) string {
	system := c.member.SystemOf(c.Protocol)
	operation, rest, _ := strings.Cut(c.Name, " ")
	set.put("db.system.name", b.str(system))
	set.put("db.operation.name", b.str(operation))
	if collection, _, _ := strings.Cut(rest, " "); collection != "" && !slices.Contains(flat, system) {
		set.put("db.collection.name", b.str(collection))
	}
	set.put("db.query.summary", b.str(c.Name))
	if c.member.Database != "" {
		set.put("db.namespace", b.str(c.member.Database))
	}
	set.put("db.response.status_code", b.code(""))
	address, port := b.peer(set, c)
	if system == "elasticsearch" {
		b.overHTTP(set, c, "http://"+authority(address, port))
	}
	if typ, ok := databaseTypes[system]; ok {
		return typ
	}
	return typeDatabase
}

// The attributes of messages that depend on how many there are.
const (
	messageID    = "messaging.message.id"
	messageCount = "messaging.batch.message_count"
)

func (b *systemBuilder) messages(set *attrSet, c *callee, operation string) {
	set.put("messaging.system", b.str(c.member.SystemOf(c.Protocol)))
	set.put("messaging.operation.name", b.str(operation))
	set.put("messaging.operation.type", b.str(operation))
	set.put("messaging.destination.name", b.str(c.queue()))
	b.peer(set, c)
}

// messageID is the id of a message: of both sides the same.
func (b *systemBuilder) messageID() Attr {
	return Attr{Op: OpPairText, Form: &Form{Pieces: IDFormat{{UUID: true}}}, Path: rng.Hash(messageID)}
}

// consumed are the attributes of who consumes messages that come together, in spans
// of a type.
func (b *systemBuilder) consumed(ref scenario.OperationRef, attrs []Attr, a *Act, typ string) []Attr {
	set := attrSet{fill: b.operation(ref).Fill}
	for _, x := range attrs {
		set.put(b.strs.String(x.Key), x)
	}
	if a.Batch > 1 || b.requires(typ, messageCount) {
		set.put(messageCount, integer(a.Batch))
	}
	if a.Batch == 1 {
		set.put(messageID, b.messageID())
	}
	b.fill(&set, typ)
	set.sort(0)
	return set.finish(b.strs)
}

// finishAttributes adds what a scenario says of a span, in place of what it would
// have, what its type requires beside that, and what it failed with, and puts all
// in the order of their names: that of the file decides nothing.
func (b *systemBuilder) finishAttributes(set *attrSet, given []scenario.Attribute, typ string) {
	set.put(errorKey, op(OpCauseType))
	for _, a := range given {
		if a.Key == errorKey {
			b.problems.Errorf(a.Pos, "attribute %s: it follows from what happens to the span; say error: {types: [...]}", a.Key)
			continue
		}
		set.set(a.Key, b.given(a))
	}
	if typ != typeProcess { // which is complete when it is consumed
		b.fill(set, typ)
	}
	set.sort(0)
}
