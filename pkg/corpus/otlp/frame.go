package otlp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// MaxFrameBytes is the longest record that NextFrame believes in. Records of a
// corpus are below MaxRecordBytes; files from elsewhere may hold longer ones.
const MaxFrameBytes = 1 << 28

// ErrTruncated says that data ends within a record: a file that was cut short
// or is still being written, as opposed to one that holds something else.
var ErrTruncated = errors.New("record truncated")

// AppendFrame appends a record with the payload, which NextFrame reads. In JSON it
// must be of one line.
func AppendFrame(dst, payload []byte, f Format) []byte {
	start := len(dst)
	return closeFrame(append(openFrame(dst, f), payload...), start, f)
}

// NextFrame returns the payload of the first record of data and what follows
// it, both parts of data. At the end of data the error is io.EOF; it wraps
// ErrTruncated when data ends within a record, for JSON also when only the
// newline is missing, and ErrTooLong when a length is over MaxFrameBytes.
func NextFrame(data []byte, f Format) (payload, rest []byte, err error) {
	if len(data) == 0 {
		return nil, nil, io.EOF
	}
	if f == FormatJSON {
		end := bytes.IndexByte(data, '\n')
		if end < 0 {
			return nil, data, fmt.Errorf("read JSON line of %d bytes: %w", len(data), ErrTruncated)
		}
		return data[:end], data[end+1:], nil
	}
	if len(data) < frameHeader {
		return nil, data, fmt.Errorf("read record length: %w", ErrTruncated)
	}
	n := binary.BigEndian.Uint32(data)
	if n > MaxFrameBytes {
		return nil, data, fmt.Errorf("read record of %d bytes: %w", n, ErrTooLong)
	}
	body := data[frameHeader:]
	if uint64(n) > uint64(len(body)) {
		return nil, data, fmt.Errorf("read record of %d bytes, %d left: %w", n, len(body), ErrTruncated)
	}
	return body[:n:n], body[n:], nil
}
