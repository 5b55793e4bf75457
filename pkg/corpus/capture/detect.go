package capture

import (
	"bytes"
	"errors"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/corpus/wire"
)

// Skip is why a message is passed over: there is nothing in it that could be
// looked at. It is an error only on its way to who counts it.
type Skip string

// The reasons.
const (
	Empty    Skip = "empty messages, skipped"
	NoItems  Skip = "messages without items of their signal, skipped"
	Profiles Skip = "messages of profiles, which are no traces, metrics or logs, skipped"
)

func (s Skip) Error() string { return string(s) }

// Note says how many messages were passed over for one reason.
type Note struct {
	Skip  Skip
	Count uint64
}

// String returns the note for a person.
func (n Note) String() string { return string(n.Skip) + ": " + text.Grouped(n.Count) }

// formatOf tells the formats apart by the first byte of a message: none in
// protobuf begins with the byte of an opening brace, a group of field 15.
func formatOf(message []byte) otlp.Format {
	if len(message) > 0 && message[0] == '{' {
		return otlp.FormatJSON
	}
	return otlp.FormatProto
}

// Format tells the format of the message that Next gave last. One of nothing is a
// Skip, and a line that is no object an error.
func (f *File) Format(message []byte) (otlp.Format, error) {
	format := formatOf(message)
	if len(message) == 0 || format == otlp.FormatJSON && string(bytes.TrimSpace(message[1:])) == "}" {
		return format, Empty
	}
	if f.lines && format != otlp.FormatJSON {
		return format, f.Unfit(message, nil)
	}
	return format, nil
}

// Detect tells the signal of the message that Next gave last: by the wire shape, or
// by the key in JSON. One of profiles or without items is a Skip. A message that
// is of some signal may still be damaged.
func (f *File) Detect(format otlp.Format, message []byte) (otlp.Signal, error) {
	detect := wire.Detect
	if format == otlp.FormatJSON {
		detect = wire.DetectJSON
	}
	sig, err := detect(message)
	switch {
	case errors.Is(err, wire.ErrProfiles):
		return 0, Profiles
	case errors.Is(err, wire.ErrNoItems):
		return 0, NoItems
	case err != nil:
		return 0, f.Unfit(message, err)
	}
	return sig, nil
}
