package otlp

// Severity numbers, the first of each range, as OTLP defines them.
const (
	SeverityUnspecified uint8 = 0
	SeverityTrace       uint8 = 1
	SeverityDebug       uint8 = 5
	SeverityInfo        uint8 = 9
	SeverityWarn        uint8 = 13
	SeverityError       uint8 = 17
	SeverityFatal       uint8 = 21
	maxSeverity         uint8 = 24
)

// LogRecord is one log record. Times are nanoseconds since the Unix epoch.
type LogRecord struct {
	Time         uint64   // 0: unknown
	Observed     uint64   // 0: unknown
	TraceID      TraceID  // zero: of no trace
	SpanID       SpanID   // zero: of no span
	Body         Attr     // its key is ignored; KindEmpty is no body
	Attrs        Range    // of Logs.Attrs
	SeverityText StringID // string 0 for none
	EventName    StringID // string 0: it is no event
	Flags        uint32   // FlagSampled or 0
	Resource     uint32   // index into Logs.Resources
	Scope        uint32   // index into Logs.Scopes
	Severity     uint8    // 1 to 24; 0: unspecified
}

// Logs is one logs record. The zero value with Strings set is empty and ready
// to use; Reset empties it and keeps the memory.
//
// Log records are written grouped by (Resource, Scope) in the order in which
// each resource first appears, and within a group in slice order.
type Logs struct {
	Strings   *Strings // as in Traces
	Records   []LogRecord
	Attrs     []Attr
	Resources []Resource
	Scopes    []Scope
	Text      []byte // arena of KindText and KindBytes values

	order grouping // scratch of the appenders
	view  values
}

// Reset empties l, keeping its memory and its string table.
func (l *Logs) Reset() {
	l.Records = l.Records[:0]
	l.Attrs = l.Attrs[:0]
	l.Resources = l.Resources[:0]
	l.Scopes = l.Scopes[:0]
	l.Text = l.Text[:0]
}
