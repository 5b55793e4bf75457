package otlp

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

func TestNextFrame(t *testing.T) {
	for _, row := range []struct {
		name          string
		format        Format
		in            string
		payload, rest string
		err           error
	}{
		{"the end of a file", FormatProto, "", "", "", io.EOF},
		{"the end of a JSON file", FormatJSON, "", "", "", io.EOF},
		{"one record", FormatProto, "\x00\x00\x00\x02ab", "ab", "", nil},
		{"a record and what follows", FormatProto, "\x00\x00\x00\x02abcd", "ab", "cd", nil},
		{"an empty record", FormatProto, "\x00\x00\x00\x00x", "", "x", nil},
		{"a cut length", FormatProto, "\x00\x00\x00", "", "", ErrTruncated},
		{"a cut record", FormatProto, "\x00\x00\x00\x03ab", "", "", ErrTruncated},
		{"JSON read as protobuf", FormatProto, `{"resourceSpans":[]}`, "", "", ErrTooLong},
		{"a line", FormatJSON, "{}\n", "{}", "", nil},
		{"a line and what follows", FormatJSON, "{}\n[]\n", "{}", "[]\n", nil},
		{"a line without its newline", FormatJSON, "{}", "", "", ErrTruncated},
	} {
		payload, rest, err := NextFrame([]byte(row.in), row.format)
		if !errors.Is(err, row.err) {
			t.Errorf("%s: got error %v, want %v", row.name, err, row.err)
		}
		if err == nil && (string(payload) != row.payload || string(rest) != row.rest) {
			t.Errorf("%s: got %q and %q, want %q and %q", row.name, payload, rest, row.payload, row.rest)
		}
	}
}

// A reader that appends to a payload must not run into the next record.
func TestPayloadHasNoRoomToGrow(t *testing.T) {
	payload, _, err := NextFrame([]byte("\x00\x00\x00\x02abcd"), FormatProto)
	if err != nil || cap(payload) != 2 {
		t.Errorf("got capacity %d, %v; want 2", cap(payload), err)
	}
}

func FuzzNextFrame(f *testing.F) {
	m := newMaker(6)
	for i := range 4 {
		for format := range 2 {
			e := Encoder{Format: Format(format)}
			var b Block
			for range i {
				if err := e.AppendRecord(&b, m.fill(1)); err != nil {
					f.Fatal(err)
				}
			}
			f.Add(b.Data, format == 1)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, lines bool) {
		format := FormatProto
		if lines {
			format = FormatJSON
		}
		var again []byte
		rest := data
		for {
			payload, next, err := NextFrame(rest, format)
			if err != nil {
				if err == io.EOF && !bytes.Equal(again, data) {
					t.Error("the records do not add up to the data")
				}
				if err != io.EOF && !errors.Is(err, ErrTruncated) && !errors.Is(err, ErrTooLong) {
					t.Errorf("got error %v, want one of the three", err)
				}
				return
			}
			again = AppendFrame(again, payload, format)
			rest = next
		}
	})
}
