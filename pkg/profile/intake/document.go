package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/capture"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
)

// document reads traces of a file of JSON: one value or several, each what Jaeger's or
// Tempo's HTTP API answers, or a part of it.
type document struct {
	ctx  context.Context
	path string
	in   *limited
	json *json.Decoder
	take func(*match.Message) error

	number uint64 // of traces and batches so far
	jaeger jaeger
	proto  []byte
	plain  []byte // an element as OTLP/JSON
}

// limited reads no more than what is left for a value.
type limited struct {
	from io.Reader
	left int
}

// errLong says that a value is too long.
var errLong = fmt.Errorf("a trace over the limit of %s", text.Size(capture.MaxMessage))

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errLong
	}
	n, err := l.from.Read(p[:min(len(p), l.left)])
	l.left -= n
	return n, err
}

// errCut says that a document ends within itself.
var errCut = errors.New("the file ends within it: it was cut off, or is still being written")

// readDocument calls take with what a file holds, as messages.
func readDocument(ctx context.Context, path string, take func(*match.Message) error) (err error) {
	s, _, err := openStream(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if head, _ := s.Peek(3); string(head) == "\xef\xbb\xbf" {
		_, _ = s.Discard(3) // was peeked: no error
	}
	return newDocument(ctx, path, s, take).read()
}

func newDocument(ctx context.Context, path string, from io.Reader, take func(*match.Message) error) *document {
	d := &document{ctx: ctx, path: path, in: &limited{from: from}, take: take}
	d.json = json.NewDecoder(d.in)
	return d
}

// read takes all values.
func (d *document) read() error {
	for {
		d.next()
		err := d.value(0)
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return d.fault(err)
		}
	}
}

// next makes room for a value.
func (d *document) next() { d.in.left = capture.MaxMessage }

// fault returns an error with its place. What take said has one already.
func (d *document) fault(err error) error {
	var taken errTaken
	if errors.As(err, &taken) {
		return taken.error
	}
	var syntax *json.SyntaxError
	switch {
	case d.ctx.Err() != nil:
		return d.ctx.Err()
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		err = errCut
	case errors.As(err, &syntax):
		return fmt.Errorf("read %s: no JSON at byte %d, behind %s: %s", d.path, syntax.Offset, text.Counted(d.number, "trace"), text.Clean(err.Error()))
	}
	return fmt.Errorf("read %s: trace %d, before byte %d: %w", d.path, d.number+1, d.json.InputOffset(), err)
}

// errTaken is an error of who takes messages.
type errTaken struct{ error }

// errOther says that a value is neither of Jaeger nor of Tempo.
func errOther(what string) error {
	return fmt.Errorf("%s: want what Jaeger exports (an object with data or result, or traces with spans and processes), or Tempo (an object with batches, trace or resourceSpans)", what)
}

// within is the error of what ends where it must not.
func within(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// value reads a value that may be a whole document. io.EOF: there is none.
func (d *document) value(depth int) error {
	token, err := d.json.Token()
	if err != nil {
		return err
	}
	switch {
	case token == json.Delim('{'):
		return within(d.object(depth))
	case token == json.Delim('['):
		return within(d.rest(d.element))
	}
	return errOther(text.Quote(fmt.Sprint(token), 40))
}

// object reads the members of an object that has begun.
func (d *document) object(depth int) error {
	var bare element
	other := make(map[string]bool)
	known := false
	for d.json.More() {
		d.next()
		token, err := d.json.Token()
		if err != nil {
			return within(err)
		}
		name, _ := token.(string) // a name always is one
		switch name {
		case "data":
			known, err = true, d.list(d.element)
		case "batches", "resourceSpans":
			known, err = true, d.list(d.batch(otlp.SignalTraces))
		case "resourceMetrics":
			known, err = true, d.list(d.batch(otlp.SignalMetrics))
		case "resourceLogs":
			known, err = true, d.list(d.batch(otlp.SignalLogs))
		case "trace", "result":
			if known = true; depth > 0 {
				return errOther("a trace within a trace")
			}
			err = within(d.value(depth + 1))
		case "traces":
			return errOther("what a search found, not the traces themselves")
		case "spans":
			known, err = true, d.json.Decode(&bare.Spans)
		case "processes":
			err = d.json.Decode(&bare.Processes)
		case "traceID":
			err = d.json.Decode(&bare.TraceID)
		default:
			other[name] = true
			var skipped json.RawMessage
			err = d.json.Decode(&skipped)
		}
		if err != nil {
			return within(err)
		}
	}
	if _, err := d.json.Token(); err != nil { // the end
		return within(err)
	}
	if !known {
		return errOther("an object of " + text.Line(strings.Join(slices.Sorted(maps.Keys(other)), ", "), 80))
	}
	if bare.Spans == nil {
		return nil
	}
	return d.trace(&bare)
}

// list reads an array, or nothing where it is null.
func (d *document) list(take func(json.RawMessage) error) error {
	token, err := d.json.Token()
	switch {
	case err != nil:
		return within(err)
	case token == nil:
		return nil
	case token == json.Delim('['):
		return d.rest(take)
	}
	return errOther("no array")
}

// rest reads the elements of an array that has begun.
func (d *document) rest(take func(json.RawMessage) error) error {
	for d.json.More() {
		if err := d.ctx.Err(); err != nil {
			return err
		}
		d.next()
		var raw json.RawMessage
		if err := d.json.Decode(&raw); err != nil {
			return within(err)
		}
		if err := take(raw); err != nil {
			return err
		}
	}
	_, err := d.json.Token()
	return within(err)
}

// element is one of a list: a trace of Jaeger, a part of one of Tempo, or a list again.
type element struct {
	TraceID   string                   `json:"traceID"`
	Spans     []jaegerSpan             `json:"spans"`
	Processes map[string]jaegerProcess `json:"processes"`

	Resource     json.RawMessage   `json:"resource"`
	ScopeSpans   json.RawMessage   `json:"scopeSpans"`
	LibrarySpans json.RawMessage   `json:"instrumentationLibrarySpans"`
	Batches      []json.RawMessage `json:"batches"`
	Groups       []json.RawMessage `json:"resourceSpans"`
	Data         []json.RawMessage `json:"data"`
	Trace        json.RawMessage   `json:"trace"`
	Result       json.RawMessage   `json:"result"`
}

// element reads an element of a list.
func (d *document) element(raw json.RawMessage) error { return d.elementAt(raw, 0) }

func (d *document) elementAt(raw json.RawMessage, depth int) error {
	var e element
	if len(raw) == 0 || raw[0] != '{' {
		return errOther("an element " + text.Quote(string(raw), 60))
	}
	if err := json.Unmarshal(raw, &e); err != nil {
		return err
	}
	switch {
	case e.ScopeSpans != nil || e.LibrarySpans != nil:
		return d.batch(otlp.SignalTraces)(raw)
	case e.Spans != nil:
		return d.trace(&e)
	case depth > 2:
		return errOther("lists in lists")
	case e.Trace != nil:
		return d.elementAt(e.Trace, depth+1)
	case e.Result != nil:
		return d.elementAt(e.Result, depth+1)
	case e.Batches != nil || e.Groups != nil:
		for _, group := range append(e.Batches, e.Groups...) {
			if err := d.batch(otlp.SignalTraces)(group); err != nil {
				return err
			}
		}
		return nil
	case e.Data != nil:
		for _, trace := range e.Data {
			if err := d.elementAt(trace, depth+1); err != nil {
				return err
			}
		}
		return nil
	case e.Resource != nil || e.TraceID != "":
		return nil // without spans
	}
	return errOther("an element " + text.Quote(string(raw), 60))
}

// trace takes a trace of Jaeger.
func (d *document) trace(e *element) error {
	d.proto = d.jaeger.append(d.proto[:0], e)
	return d.message(otlp.SignalTraces, otlp.FormatProto, d.proto)
}

// batch returns what takes a ResourceSpans or its like in JSON.
func (d *document) batch(sig otlp.Signal) func(json.RawMessage) error {
	head := [...]string{otlp.SignalTraces: `{"resourceSpans":[`, otlp.SignalMetrics: `{"resourceMetrics":[`, otlp.SignalLogs: `{"resourceLogs":[`}[sig]
	return func(raw json.RawMessage) error {
		d.plain = append(d.plain[:0], head...)
		d.plain = append(appendModern(d.plain, raw), "]}"...)
		return d.message(sig, otlp.FormatJSON, d.plain)
	}
}

func (d *document) message(sig otlp.Signal, f otlp.Format, payload []byte) error {
	err := d.take(&match.Message{Signal: sig, Format: f, Payload: payload})
	var own errFile
	if errors.As(err, &own) {
		return errTaken{err}
	}
	if err == nil {
		d.number++
	}
	return err
}
