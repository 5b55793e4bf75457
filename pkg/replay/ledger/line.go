package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// appendLine appends the line of e, with its end.
func (e *Entry) appendLine(dst []byte) []byte {
	dst = strconv.AppendUint(dst, e.Lap, 10)
	dst = strconv.AppendUint(append(dst, ' '), e.Segment, 10)
	dst = strconv.AppendUint(append(dst, ' '), e.Record, 10)
	dst = append(append(dst, ' '), e.Signal.String()...)
	dst = strconv.AppendUint(append(dst, ' '), e.Items, 10)
	dst = append(append(dst, ' '), e.Outcome.String()...)
	dst = strconv.AppendUint(append(dst, ' '), e.Refused, 10)
	dst = strconv.AppendUint(append(dst, ' '), e.Retries, 10)
	dst = strconv.AppendInt(append(dst, ' '), e.First, 10)
	dst = strconv.AppendInt(append(dst, ' '), e.Last, 10)
	dst = strconv.AppendInt(append(dst, ' '), e.Shift, 10)
	if e.Signal == otlp.SignalMetrics {
		dst = strconv.AppendUint(append(dst, ' '), e.Time, 10)
		dst = strconv.AppendUint(append(dst, ' '), e.Start, 10)
		dst = strconv.AppendUint(append(dst, ' '), e.Prev, 10)
	}
	return append(dst, '\n')
}

// lineMost is a bound on the length of a line: eleven numbers of twenty bytes, two
// words, and what stands between them.
const lineMost = 12*21 + 20

// columns reads the columns of a line one after the other. The first one that is
// wrong is told.
type columns struct {
	rest []byte
	at   int // the index of the next column
	err  error
}

// parse reads a line without its end.
func (e *Entry) parse(line []byte) error {
	c := columns{rest: line}
	*e = Entry{Lap: c.uint(), Segment: c.uint(), Record: c.uint(), Signal: c.signal(), Items: c.uint(),
		Outcome: c.outcome(), Refused: c.uint(), Retries: c.uint(), First: c.int(), Last: c.int(), Shift: c.int()}
	if c.err == nil && e.Signal == otlp.SignalMetrics {
		e.Time, e.Start, e.Prev = c.uint(), c.uint(), c.uint()
	}
	switch {
	case c.err != nil:
		return c.err
	case c.rest != nil:
		return errors.New("more columns than it should have")
	case e.Last < e.First:
		return errors.New("the last attempt is before the first")
	case e.Refused > e.Items:
		return errors.New("more items refused than there are")
	case (e.Refused > 0) != (e.Outcome == Rejected):
		return fmt.Errorf("%d items refused of a record that is %v", e.Refused, e.Outcome)
	}
	return nil
}

// next returns the next column.
func (c *columns) next() []byte {
	column, rest, more := bytes.Cut(c.rest, []byte{' '})
	if c.rest == nil && c.err == nil {
		c.err = fmt.Errorf("no %s", Columns[c.at])
	}
	if c.rest = rest; !more {
		c.rest = nil
	}
	c.at++
	return column
}

// wrong notes that the column that next returned is none.
func (c *columns) wrong(column []byte, want string) {
	if c.err == nil {
		c.err = fmt.Errorf("%s is %.30q: want %s", Columns[c.at-1], column, want)
	}
}

func (c *columns) uint() uint64 {
	column := c.next()
	n, ok := number(column)
	if !ok {
		c.wrong(column, "a number")
	}
	return n
}

func (c *columns) int() int64 {
	column := c.next()
	digits, negative := bytes.CutPrefix(column, []byte{'-'})
	n, ok := number(digits)
	most := uint64(math.MaxInt64)
	if negative {
		most++
	}
	if !ok || n > most || negative && n == 0 {
		c.wrong(column, "a number")
		return 0
	}
	if negative {
		return -int64(n)
	}
	return int64(n)
}

func (c *columns) signal() otlp.Signal {
	column := c.next()
	sig, ok := otlp.ParseSignal(string(column))
	if !ok {
		c.wrong(column, "traces, metrics or logs")
	}
	return sig
}

func (c *columns) outcome() Outcome {
	column := c.next()
	for i, name := range outcomeNames {
		if string(column) == name {
			return Outcome(i)
		}
	}
	c.wrong(column, "accepted, rejected, failed or unknown")
	return 0
}

// number reads a number in its one spelling.
func number(b []byte) (n uint64, ok bool) {
	if len(b) == 0 || len(b) > 1 && b[0] == '0' {
		return 0, false
	}
	for _, d := range b {
		if d < '0' || d > '9' {
			return 0, false
		}
		v := uint64(d - '0')
		if n > (math.MaxUint64-v)/10 {
			return 0, false
		}
		n = 10*n + v
	}
	return n, true
}
