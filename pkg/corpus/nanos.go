package corpus

import (
	"encoding"
	"fmt"
	"time"
)

// Nanos is a time in nanoseconds since the Unix epoch, as OTLP has it. In JSON
// it is RFC 3339 in UTC with as many digits of the second as it needs, since
// many readers of JSON round numbers of this size.
type Nanos uint64

var (
	_ encoding.TextMarshaler   = Nanos(0)
	_ encoding.TextUnmarshaler = (*Nanos)(nil)
	_ encoding.TextMarshaler   = Duration(0)
	_ encoding.TextUnmarshaler = (*Duration)(nil)
)

// String returns the time as it stands in the manifest.
func (n Nanos) String() string {
	return n.Time().Format(time.RFC3339Nano)
}

// Time returns the time in UTC.
func (n Nanos) Time() time.Time {
	return time.Unix(int64(n/1e9), int64(n%1e9)).UTC()
}

// MarshalText implements encoding.TextMarshaler.
func (n Nanos) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (n *Nanos) UnmarshalText(text []byte) error {
	t, err := time.Parse(time.RFC3339Nano, string(text))
	if err != nil {
		return fmt.Errorf("parse time %s: want RFC 3339", quoted(string(text)))
	}
	const last = (1<<64-1)/1_000_000_000 - 1 // whole seconds that surely fit
	if sec := t.Unix(); sec < 0 || sec > last {
		return fmt.Errorf("parse time %s: want 1970 to 2554", quoted(string(text)))
	}
	*n = Nanos(uint64(t.Unix())*1e9 + uint64(t.Nanosecond()))
	return nil
}

// Duration is a span of simulated time. In JSON it is Go's spelling: "500ms".
type Duration time.Duration

// String returns the duration as it stands in the manifest.
func (d Duration) String() string { return time.Duration(d).String() }

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("parse duration %s: want one such as 500ms", quoted(string(text)))
	}
	*d = Duration(v)
	return nil
}
