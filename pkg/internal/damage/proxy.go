package damage

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/codec"
	"github.com/otelsim/otelsim/pkg/replay/response"
)

// Options says how much of which damage.
type Options struct {
	Seed     uint64
	Kinds    []Kind // which may happen
	Items    int    // of 1000 items so many are damaged
	Requests int    // likewise

	// Alike says that data points are sent several times as they are, in laps. Of those
	// that are alike one is damaged at most: which of them it was, nobody could tell.
	Alike bool

	Shuffle bool        // what arrived is in another order of messages
	Merge   bool        // neighbours among the messages may be one
	Format  otlp.Format // of what arrived
}

// Did is one line of the list of what was done.
type Did struct {
	Kind Kind
	Item *Item  // for damage to a request: its first
	Path string // of the field that was changed, "" for others
}

// Proxy is the receiver, for the three paths of OTLP/HTTP.
type Proxy struct {
	o       Options
	mu      sync.Mutex
	decoder *codec.Decoder

	touched  map[string]bool // data points, by series
	requests []*request
	last     []byte // the request that was answered 503
	messages []*message
	list     []Did
	err      error // of a request that could not be read
	kinds    struct{ request, item []Kind }
}

// request is one request that came.
type request struct {
	signal  otlp.Signal
	pieces  []*piece // as sent
	fate    fate
	refused int
}

type fate uint8

const (
	accepted fate = iota
	rejected      // in part
	failed
	unknown
)

// message is one message that arrived.
type message struct {
	signal  otlp.Signal
	pieces  []*piece
	arrived int64 // ns since the epoch
	late    bool
}

// New returns a proxy.
func New(o Options) *Proxy {
	p := &Proxy{o: o, touched: make(map[string]bool)}
	for _, k := range o.Kinds {
		if k.Request() {
			p.kinds.request = append(p.kinds.request, k)
		} else {
			p.kinds.item = append(p.kinds.item, k)
		}
	}
	return p
}

// answer is what the sender is told: a status, 0 for none.
type answer struct {
	status  int
	partial response.Partial
}

// ServeHTTP takes one request, one after the other.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	sig, f, body, err := p.read(r)
	var a answer
	if err == nil {
		a, err = p.take(sig, f, body)
	}
	switch {
	case err != nil:
		p.err = errors.Join(p.err, fmt.Errorf("request to %s: %w", r.URL.Path, err))
		http.Error(w, err.Error(), http.StatusBadRequest)
	case a.status == 0:
		panic(http.ErrAbortHandler) // the server's way to give no answer
	case a.status != http.StatusOK:
		w.WriteHeader(a.status)
	case f == otlp.FormatJSON:
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(response.AppendJSON(nil, sig, a.partial)) // the client is gone if this fails
	default:
		w.Header().Set("Content-Type", "application/x-protobuf")
		_, _ = w.Write(response.Append(nil, a.partial))
	}
}

// read returns the body of a request as it was before it was compressed.
func (p *Proxy) read(r *http.Request) (sig otlp.Signal, f otlp.Format, body []byte, err error) {
	for sig = range otlp.Signal(otlp.NumSignals) {
		if r.URL.Path == "/v1/"+sig.String() {
			break
		}
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		f = otlp.FormatJSON
	}
	if body, err = io.ReadAll(r.Body); err != nil {
		return sig, f, nil, err
	}
	name := r.Header.Get("Content-Encoding")
	if name == "" {
		return sig, f, body, nil
	}
	c, err := codec.ParseCompression(name)
	if err != nil {
		return sig, f, nil, err
	}
	if p.decoder == nil {
		if p.decoder, err = codec.NewDecoder(); err != nil {
			return sig, f, nil, err
		}
	}
	body, err = p.decoder.Append(nil, body, c, 64<<20)
	return sig, f, body, err
}

// take does to one request what is its lot.
func (p *Proxy) take(sig otlp.Signal, f otlp.Format, body []byte) (answer, error) {
	if p.last != nil && bytes.Equal(p.last, body) {
		p.last = nil
		p.pass(p.requests[len(p.requests)-1], false)
		return answer{status: http.StatusOK}, nil
	}
	m, err := decode(sig, f, body)
	if err != nil {
		return answer{}, err
	}
	r := &request{signal: sig, pieces: flatten(sig, m, uint64(len(p.requests)))}
	if len(r.pieces) == 0 {
		return answer{}, errors.New("no items")
	}
	p.requests = append(p.requests, r)
	first := r.pieces[0].item
	kind, rnd := p.choose(p.kinds.request, p.o.Requests, append(nameOf(first), 'r'))
	n := len(r.pieces)
	if kind != None && !p.alone(r.pieces...) {
		p.arrive(sig, r.pieces, false)
		return answer{status: http.StatusOK}, nil
	}
	if kind == RefuseMore && r.ofTrace(first.TraceID) < 3 || kind == Split && sig != otlp.SignalTraces {
		kind = None
	}
	if kind != None && kind != Split && kind != AlterResource {
		p.list = append(p.list, Did{Kind: kind, Item: first})
	}
	a := answer{status: http.StatusOK}
	switch kind {
	case LoseRequest:
	case RefuseLost, RefuseKept, RefuseMore:
		r.fate, r.refused = rejected, 1+int(rnd%uint64(max(n/2, 1)))
		p.arrive(sig, refuse(kind, r, rnd), false)
		a.partial = response.Partial{Rejected: int64(r.refused), Message: "damage"}
	case FailLost, FailKept:
		r.fate, a.status = failed, http.StatusBadRequest
	case CutLost, CutKept:
		r.fate, a.status = unknown, 0
	case Retried:
		a.status, p.last = http.StatusServiceUnavailable, bytes.Clone(body)
	case Split:
		p.split(r, rnd)
	case AlterResource:
		p.alterResource(r, rnd)
	case None:
		p.damage(r)
	}
	if kind == FailKept || kind == CutKept || kind == Retried || kind == Delay {
		p.pass(r, kind == Delay)
	}
	return a, nil
}

// alone reports whether none of some pieces is like one that was touched, and takes
// note of them.
func (p *Proxy) alone(pieces ...*piece) bool {
	if !p.o.Alike || pieces[0].item.Signal != otlp.SignalMetrics {
		return true
	}
	for _, piece := range pieces {
		if p.touched[piece.series()] {
			return false
		}
	}
	for _, piece := range pieces {
		p.touched[piece.series()] = true
	}
	return true
}

// refuse returns what arrives of a request of which some items are refused. When
// more are lost, they are of one trace: it is incomplete, whichever they are.
func refuse(kind Kind, r *request, rnd uint64) []*piece {
	switch kind {
	case RefuseLost:
		return without(r.pieces, r.refused, rnd, func(*piece) bool { return true })
	case RefuseMore:
		id := r.pieces[0].item.TraceID
		r.refused = min(r.refused, r.ofTrace(id)-2)
		return without(r.pieces, r.refused+1, rnd, func(p *piece) bool { return p.item.TraceID == id })
	}
	return r.pieces
}

// ofTrace returns how many items of a trace the request has.
func (r *request) ofTrace(id otlp.TraceID) (n int) {
	for _, p := range r.pieces {
		if p.item.TraceID == id {
			n++
		}
	}
	return n
}

// without returns all pieces but n of those that may go.
func without(pieces []*piece, n int, rnd uint64, may func(*piece) bool) []*piece {
	left := slices.Clone(pieces)
	for n > 0 {
		rnd = mix(rnd + 1)
		if at := int(rnd % uint64(len(left))); may(left[at]) {
			left = slices.Delete(left, at, at+1)
			n--
		}
	}
	return left
}

// pass lets the pieces of a request arrive as they are.
func (p *Proxy) pass(r *request, late bool) {
	p.arrive(r.signal, r.pieces, late)
}

func (p *Proxy) arrive(sig otlp.Signal, pieces []*piece, late bool) {
	if len(pieces) > 0 {
		p.messages = append(p.messages, &message{signal: sig, pieces: pieces, arrived: time.Now().UnixNano(), late: late})
	}
}

// split sends the last spans of one trace in a message of their own.
func (p *Proxy) split(r *request, rnd uint64) {
	id := r.pieces[rnd%uint64(len(r.pieces))].item.TraceID
	var of []int
	for i, piece := range r.pieces {
		if piece.item.TraceID == id {
			of = append(of, i)
		}
	}
	if len(of) < 2 {
		p.pass(r, false)
		return
	}
	from := of[1+mix(rnd)%uint64(len(of)-1)]
	p.list = append(p.list, Did{Kind: Split, Item: r.pieces[from].item})
	var head, tail []*piece
	for i, piece := range r.pieces {
		if i >= from && piece.item.TraceID == id {
			tail = append(tail, piece)
		} else {
			head = append(head, piece)
		}
	}
	p.arrive(r.signal, head, false)
	p.arrive(r.signal, tail, false)
}

// alterResource changes a resource for all that is under it.
func (p *Proxy) alterResource(r *request, rnd uint64) {
	was := r.pieces[rnd%uint64(len(r.pieces))].resource
	changed, path, ok := alterResource(was, rnd)
	if !ok {
		p.pass(r, false)
		return
	}
	pieces := slices.Clone(r.pieces)
	for i, piece := range pieces {
		if piece.resource == was {
			c := *piece
			c.resource, c.altered = changed, true
			pieces[i] = &c
			p.list = append(p.list, Did{AlterResource, piece.item, path})
		}
	}
	p.arrive(r.signal, pieces, false)
}

// name8 is a name that a number makes.
func name8(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
