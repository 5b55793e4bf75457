package capture

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"

	"github.com/otelsim/otelsim/internal/foreign"
)

// arrivalsSuffix ends the name of the file of arrival times beside another: of text,
// with a line for each message of that file in its order, which is when it had
// arrived, in nanoseconds since the Unix epoch, in decimal digits.
const arrivalsSuffix = ".arrivals"

// ErrArrivals says that arrival times are not those of the file that they are
// beside: there are more or fewer of them, or they are no times.
var ErrArrivals = errors.New("the arrival times do not fit their file (without them it can be read)")

// maxTime is the longest line, with its end.
const maxTime = 20

// appendTime appends a line.
func appendTime(dst []byte, ns int64) []byte { return append(strconv.AppendInt(dst, ns, 10), '\n') }

// isArrivals reports whether a file that begins with head is one of arrival times.
func isArrivals(head []byte) bool {
	_, err := parseTime(head[:min(len(head), maxTime)])
	return err == nil
}

// parseTime reads a line of today's length: times of before 2001 and after 2286
// have another.
func parseTime(line []byte) (int64, error) {
	if len(line) != maxTime || line[maxTime-1] != '\n' || line[0] < '1' || line[0] > '9' {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseInt(string(line[:maxTime-1]), 10, 64)
}

// arrivals reads the arrival times of a file. A nil one knows none.
type arrivals struct {
	path string
	file *os.File
	r    *bufio.Reader
	line uint64
}

// openArrivals opens arrival times; nil when there are none.
func openArrivals(path string) (*arrivals, error) {
	f, _, err := foreign.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &arrivals{path: path, file: f, r: bufio.NewReader(f)}, nil
}

// next returns the time of the next message, 0 when it is unknown.
func (a *arrivals) next() (int64, error) {
	if a == nil {
		return 0, nil
	}
	a.line++
	var line [maxTime]byte
	switch n, err := io.ReadFull(a.r, line[:]); {
	case err == io.EOF:
		return 0, fmt.Errorf("read %s: it ends after %d times: %w", a.path, a.line-1, ErrArrivals)
	case err != nil && err != io.ErrUnexpectedEOF:
		return 0, err
	default:
		t, err := parseTime(line[:n])
		if err != nil {
			return 0, fmt.Errorf("read %s: line %d is no time: %w", a.path, a.line, ErrArrivals)
		}
		return t, nil
	}
}

// end returns an error when there are times of no message.
func (a *arrivals) end() error {
	if a == nil {
		return nil
	}
	if _, err := a.r.Peek(1); err != io.EOF {
		if err == nil {
			err = fmt.Errorf("read %s: it has more times than the %d messages of the file: %w", a.path, a.line, ErrArrivals)
		}
		return err
	}
	return nil
}
