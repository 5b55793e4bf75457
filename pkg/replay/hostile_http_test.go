package replay_test

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/replay/endpoint"
	"github.com/otelsim/otelsim/pkg/replay/response"
)

// requests reads one request of HTTP/1 after the other, and has each answered
// while answer returns true.
func requests(answer func(p *peer, r *http.Request) bool) func(*peer) {
	return func(p *peer) {
		in := bufio.NewReader(p)
		for {
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				return
			}
			p.seen.add(&p.seen.arrived)
			if !answer(p, r) {
				return
			}
		}
	}
}

// says answers every request with the same bytes, and closes the connection
// where they are no whole answer.
func says(s string) func(*peer) {
	return requests(func(p *peer, _ *http.Request) bool { return p.write(s) && false })
}

// always answers every request with the same whole answer.
func always(s string) func(*peer) {
	return requests(func(p *peer, _ *http.Request) bool { return p.write(s) })
}

// takes is always, of answers that accept.
func takes(s string) func(*peer) {
	return requests(func(p *peer, _ *http.Request) bool { return p.take(s) })
}

// overruns is takes, with more behind each answer. Only the first one of a
// connection is whole: before any other stands what is none, and a client that
// had not noticed when it sent its next request gets no answer to it.
func overruns(answer, more string) func(*peer) {
	return func(p *peer) {
		whole := true
		requests(func(p *peer, _ *http.Request) bool {
			if whole {
				whole = false
				return p.take(answer + more)
			}
			return p.write(answer + more)
		})(p)
	}
}

// take writes an answer that accepts, and counts it.
func (p *peer) take(s string) bool {
	// Counted first: the client may have it before the counter does.
	p.seen.add(&p.seen.accepted)
	return p.write(s)
}

// rejects is always, of answers that reject in part.
func rejects(s string) func(*peer) {
	return requests(func(p *peer, _ *http.Request) bool {
		p.seen.add(&p.seen.partial)
		return p.write(s)
	})
}

// endless writes a beginning and then the same for ever.
func endless(begin, more string) func(*peer) {
	return requests(func(p *peer, _ *http.Request) bool {
		p.write(begin)
		p.more(more)
		return false
	})
}

// answer is a whole answer of HTTP/1.
func answer(status, headers, body string) string {
	return fmt.Sprintf("HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s", status, headers, len(body), body)
}

const (
	plainOK  = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
	jsonType = "Content-Type: application/json\r\n"
	pbType   = "Content-Type: application/x-protobuf\r\n"
)

func partialOf(n int64, message string) string {
	return string(response.Append(nil, response.Partial{Rejected: n, Message: message}))
}

// evil is what would move a terminal, as control characters of both kinds.
const evil = "\x1b]0;owned\x07\x1b[31m\u009b31m\x9b31m\u202e"

// alternately answers requests of a connection in turn.
func alternately(answers ...func(p *peer) bool) func(*peer) {
	return func(p *peer) {
		n := 0
		requests(func(p *peer, _ *http.Request) bool {
			n++
			return answers[(n-1)%len(answers)](p)
		})(p)
	}
}

var hostileHTTP = []hostile{
	{"silent", true, "unknown", "timeout", (*peer).hangHalf},
	{"silent after the request", true, "unknown", "timeout", requests(func(p *peer, _ *http.Request) bool { p.hang(); return false })},
	{"closes at once", false, "", "", func(*peer) {}},
	{"resets at once", false, "", "", (*peer).reset},
	{"closes after the first bytes", false, "", "", func(p *peer) { _, _ = p.Read(make([]byte, 10)) }},
	{"resets after the first bytes", false, "", "", func(p *peer) { _, _ = p.Read(make([]byte, 10)); p.reset() }},
	{"closes after the request", false, "unknown", "connection lost", says("")},
	{"resets after the request", false, "unknown", "connection lost", requests(func(p *peer, _ *http.Request) bool { p.reset(); return false })},
	{"closes in the status line", false, "unknown", "", says("HTTP/1.1 2")},
	{"closes after the status line", false, "unknown", "", says("HTTP/1.1 200 OK\r\n")},
	{"closes in the headers", false, "unknown", "", says("HTTP/1.1 200 OK\r\nContent-Le")},
	{"resets after the headers", false, "unknown", "", requests(func(p *peer, _ *http.Request) bool {
		p.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
		p.reset()
		return false
	})},
	{"closes in the body", false, "unknown", "", says("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")},
	{"closes in a chunk", false, "unknown", "", says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\nabc")},
	{"stops in the headers", true, "unknown", "timeout", requests(func(p *peer, _ *http.Request) bool { p.write("HTTP/1.1 200 OK\r\nX: "); p.hang(); return false })},
	{"stops in the body", true, "unknown", "timeout", requests(func(p *peer, _ *http.Request) bool {
		p.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")
		p.hang()
		return false
	})},
	{"stops in the body of a refusal", true, "failed", "http 503", requests(func(p *peer, _ *http.Request) bool {
		p.write("HTTP/1.1 503 No\r\nContent-Length: 9\r\n\r\n{")
		p.hang()
		return false
	})},
	{"endless headers", false, "unknown", "", endless("HTTP/1.1 200 OK\r\n", "X-A: b\r\n")},
	{"an endless header", false, "unknown", "", endless("HTTP/1.1 200 OK\r\nX-A: ", "b")},
	{"an endless status line", false, "unknown", "", endless("HTTP/1.1 200 ", "O")},
	{"an endless body", false, "unknown", "unreadable answer", endless("HTTP/1.1 200 OK\r\n\r\n", " ")},
	{"an endless body in chunks", false, "unknown", "unreadable answer", endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "100\r\n"+strings.Repeat("x", 256)+"\r\n")},
	{"an endless refusal", false, "failed", "http 400", endless("HTTP/1.1 400 Bad\r\n\r\n", "no")},
	{"zeros without end", false, "unknown", "", endless("", "\x00")},
	{"endless interim answers", false, "unknown", "", endless("", "HTTP/1.1 100 Continue\r\n\r\n")},
	{"hints, then an answer", false, "accepted", "", takes("HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n" + plainOK)},
	{"a length below zero", false, "unknown", "", says("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n")},
	{"a length beyond 64 bits", false, "unknown", "", says("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n")},
	{"two lengths", false, "unknown", "", says("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab")},
	{"a claim of all memory", false, "unknown", "", says("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\nab")},
	{"a chunk of all memory", false, "unknown", "", says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\nab")},
	{"more than its length", false, "", "", overruns(plainOK, "HTTP/1.1 200 OK\r\n")},
	{"another version", false, "accepted", "", takes("HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n")},
	{"no status", false, "unknown", "", says("HTTP/1.1 OK\r\n\r\n")},
	{"status 999", false, "failed", "http 999", says("HTTP/1.1 999 Odd\r\n\r\n")},
	{"another protocol", false, "unknown", "", says("SSH-2.0-OpenSSH_9.9\r\n")},
	{"another protocol that speaks first", false, "", "", func(p *peer) { p.write("220 smtp ready\r\n"); _, _ = p.Read(make([]byte, 10)) }},
	{"gRPC", false, "failed", "wrong protocol", says("\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x05\x00\x00@\x00")},
	{"TLS", false, "failed", "wrong protocol", says("\x15\x03\x01\x00\x02\x02\x46")},
	{"gives the connection away", false, "failed", "http 101", requests(func(p *peer, _ *http.Request) bool {
		p.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n")
		p.hang()
		return false
	})},
	{"offers HTTP/2", false, "accepted", "", takes("HTTP/1.1 200 OK\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nContent-Length: 0\r\n\r\n")},
	{"sends elsewhere", false, "failed", "redirect to", always("HTTP/1.1 307 Away\r\nLocation: http://127.0.0.1:1/" + evil[3:9] + "\r\nContent-Length: 0\r\n\r\n")},
	{"sends round in circles", false, "failed", "http 301", always("HTTP/1.1 301 Away\r\nLocation: /v1/traces\r\nContent-Length: 0\r\n\r\n")},
	{"a wait of centuries", false, "failed", "http 503", always("HTTP/1.1 503 No\r\nRetry-After: 9223372036\r\nContent-Length: 0\r\n\r\n")},
	{"a wait beyond 64 bits", false, "failed", "http 429", always("HTTP/1.1 429 No\r\nRetry-After: 99999999999999999999999\r\nContent-Length: 0\r\n\r\n")},
	{"a wait until the year 9999", false, "failed", "http 503", always("HTTP/1.1 503 No\r\nRetry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\nContent-Length: 0\r\n\r\n")},
	{"a wait of centuries after a while", false, "failed", "http 503", requests(func(p *peer, _ *http.Request) bool {
		time.Sleep(50 * time.Millisecond)
		return p.write("HTTP/1.1 503 No\r\nRetry-After: 9223372036\r\nContent-Length: 0\r\n\r\n")
	})},
	{"busy without end", false, "failed", "http 503", always("HTTP/1.1 503 No\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n")},
	{"busy for every second", false, "", "", alternately(func(p *peer) bool { return p.write("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n") }, func(p *peer) bool { return p.take(plainOK) })},
	{"takes every second and cuts", false, "", "", alternately(func(p *peer) bool { return p.take(plainOK) }, func(*peer) bool { return false })},
	{"takes every second and resets", false, "", "", alternately(func(p *peer) bool { return p.take(plainOK) }, func(p *peer) bool { p.reset(); return false })},
	{"closes after each that it takes", false, "", "", requests(func(p *peer, _ *http.Request) bool { return p.take(plainOK) && false })},
	{"says that it closes", false, "accepted", "", requests(func(p *peer, _ *http.Request) bool {
		p.take("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
		return false
	})},
	{"answers byte by byte", false, "accepted", "", requests(func(p *peer, _ *http.Request) bool {
		p.seen.add(&p.seen.accepted)
		for _, c := range plainOK {
			if !p.write(string(c)) {
				return false
			}
		}
		return true
	})},
	{"answers before it was asked to the end", false, "failed", "http 413", func(p *peer) {
		_, _ = p.Read(make([]byte, 10))
		p.write("HTTP/1.1 413 Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
		p.hang()
	}},
	{"no length but the end of the connection", false, "accepted", "", requests(func(p *peer, _ *http.Request) bool { p.take("HTTP/1.1 200 OK\r\n\r\n"); return false })},
	{"trailers", false, "accepted", "", takes("HTTP/1.1 200 OK\r\nTrailer: X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n")},
	{"no content", false, "accepted", "", takes("HTTP/1.1 204 No Content\r\n\r\n")},
	{"bytes that are no answer", false, "unknown", "unreadable answer", always(answer("200 OK", pbType, "\x80\x80"))},
	{"JSON that is none", false, "unknown", "unreadable answer", always(answer("200 OK", jsonType, "{\""+evil))},
	{"a coding that is none", false, "unknown", "unreadable answer", always(answer("200 OK", pbType+"Content-Encoding: gzip\r\n", "\x1f\x8b\xff"))},
	{"a page", false, "accepted", "no OTLP answer", takes(answer("200 OK", "Content-Type: text/html\r\n", "<html>"+evil))},
	{"a warning", false, "accepted", "careful", takes(answer("200 OK", pbType, partialOf(0, "careful "+evil)))},
	{"rejects more than was sent", false, "rejected", "more than was sent", rejects(answer("200 OK", pbType, partialOf(math.MaxInt64, evil)))},
	{"rejects less than nothing", false, "accepted", "rejected -5", takes(answer("200 OK", pbType, partialOf(-5, "")))},
	{"counts that overflow", false, "rejected", "more than was sent", rejects(answer("200 OK", jsonType,
		`{"partialSuccess":{"rejectedSpans":"9223372036854775807","rejectedDataPoints":9223372036854775807,"rejectedLogRecords":"2"}}`))},
	{"counts beyond 64 bits", false, "rejected", "more than was sent", rejects(answer("200 OK", jsonType, `{"partialSuccess":{"rejectedSpans":1e300}}`))},
	{"words that move the terminal", false, "failed", "http 400", always(answer("400 Bad", "Content-Type: text/plain\r\n", evil))},
	{"words that move the terminal, as a status", false, "failed", "http 400", always(answer("400 Bad", pbType, string(response.AppendStatus(nil, response.Status{Message: evil}))))},
	{"repeats what it was sent", false, "failed", "***", requests(func(p *peer, r *http.Request) bool {
		return p.write(answer("403 No", "Content-Type: text/plain\r\n", fmt.Sprint("who is ", r.Header)))
	})},
}

// hangHalf reads less than a request and keeps silent. The rest may have come as
// far as this machine.
func (p *peer) hangHalf() {
	_, _ = p.Read(make([]byte, 10))
	time.Sleep(4 * shortTimeout)
}

func TestHostileReceiversOfHTTP(t *testing.T) { meetAll(t, hostileHTTP, endpoint.HTTPProtobuf, nil) }
