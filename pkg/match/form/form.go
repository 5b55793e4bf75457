// Package form has one form for the items of OTLP, spans, log records and data
// points, whoever wrote them: OTLP protobuf, in which order, defaults and the
// encoder's habits do not matter.
package form

import "github.com/otelsim/otelsim/pkg/corpus/otlp"

// Message says which message of OTLP some bytes are.
type Message uint8

// Field is one value of a message, with its path as people write it:
// "attributes.http.route", "events[0].name", "status.code",
// "resource.attributes.service.name", "data.buckets[3]".
type Field struct {
	Path  string
	Value Value
}

// Value is a value of a field as it is compared and as it is printed.
type Value struct {
	Kind otlp.Kind
	Text string // of strings as they are; of all else as it is printed
}
