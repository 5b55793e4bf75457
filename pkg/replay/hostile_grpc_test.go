package replay_test

import (
	"encoding/base64"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/replay/endpoint"
	"github.com/otelsim/otelsim/pkg/replay/response"
)

// details is a status with a RetryInfo, as its header carries it.
func details(code int32, wait time.Duration) string {
	return base64.RawStdEncoding.EncodeToString(response.AppendStatus(nil, response.Status{Code: code, RetryInfo: true, RetryDelay: wait}))
}

func inTurn(answers ...func(p *peer, id uint32) bool) func(*peer) {
	return func(p *peer) {
		n := 0
		http2(greets, func(p *peer, id uint32) bool {
			n++
			return answers[(n-1)%len(answers)](p, id)
		})(p)
	}
}

func takesOne(p *peer, id uint32) bool { return p.take(answered(id, "")) }

// unasked is written before anything was asked.
func unasked(s string) func(*peer) {
	return func(p *peer) {
		p.write(s)
		p.hang()
	}
}

var hostileGRPC = []hostile{
	{"silent", true, "failed", "timeout", (*peer).hang},
	{"silent after its settings", true, "unknown", "timeout", http2(greets, func(p *peer, _ uint32) bool { return true })},
	{"closes at once", false, "failed", "Unavailable", func(*peer) {}},
	{"resets at once", false, "failed", "Unavailable", (*peer).reset},
	{"closes after its settings", true, "", "", func(p *peer) { p.write(greets) }},
	{"closes after the request", false, "unknown", "Unavailable", grpcEnds(func(uint32) string { return "" })},
	{"resets after the request", false, "unknown", "Unavailable", http2(greets, func(p *peer, _ uint32) bool { p.reset(); return false })},
	{"closes after the first headers", false, "unknown", "", grpcEnds(begins)},
	{"closes after the message", false, "unknown", "", grpcEnds(func(id uint32) string { return begins(id) + frame(frameData, 0, id, message("")) })},
	{"closes in a frame", false, "unknown", "", grpcEnds(func(id uint32) string { return answered(id, "")[:20] })},
	{"stops after the headers", true, "unknown", "timeout", grpcSays(begins)},
	{"stops before the trailers", true, "unknown", "timeout", grpcSays(func(id uint32) string { return begins(id) + frame(frameData, 0, id, message("")) })},
	{"HTTP/1", true, "failed", "wrong protocol", unasked("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")},
	{"TLS", false, "failed", "https://", func(p *peer) { _, _ = p.Read(make([]byte, 10)); p.write("\x15\x03\x01\x00\x02\x02\x46") }},
	{"TLS, and silent", true, "failed", "https://", unasked("\x15\x03\x01\x00\x02\x02\x46")},
	{"another protocol", true, "failed", "", unasked("220 smtp ready\r\n")},
	{"zeros without end", true, "failed", "", func(p *peer) { p.repeats("", "\x00") }},
	{"pages, as HTTP/2", false, "failed", "wrong protocol", httpStatus(200, "text/html", "<html>"+evil)},
	{"no such path, as HTTP/2", false, "failed", "wrong protocol", httpStatus(404, "text/plain", evil)},
	{"an endless page", true, "", "", http2(greets, func(p *peer, id uint32) bool {
		return p.repeats(frame(frameHeaders, endHeaders, id, fields(":status", "404", "content-type", "text/html")), frame(frameData, 0, id, strings.Repeat("x", 100)))
	})},
	{"goodbye at once", true, "", "", http2(greets+goodbye(0, 0, ""), func(*peer, uint32) bool { return true })},
	{"goodbye at once, and closes", true, "", "", func(p *peer) { p.write(greets + goodbye(0, 0, evil)) }},
	{"too many pings", true, "", "", http2(greets+goodbye(0, 11, "too_many_pings"), func(*peer, uint32) bool { return true })},
	{"goodbye to each request, unprocessed", true, "", "", grpcSays(func(uint32) string { return goodbye(0, 0, "") })},
	{"goodbye to each request, and closes", true, "", "", grpcEnds(func(id uint32) string { return goodbye(id, 0, "") })},
	{"goodbye, and takes what came", true, "", "", http2(greets, func(p *peer, id uint32) bool { return p.take(goodbye(math.MaxInt32, 0, "") + answered(id, "")) })},
	{"goodbye with growing streams", true, "", "", grpcSays(func(id uint32) string { return goodbye(id, 0, "") + goodbye(id+2, 0, "") })},
	{"resets with NO_ERROR", false, "unknown", "", resets(0)},
	{"resets with PROTOCOL_ERROR", false, "unknown", "", resets(1)},
	{"resets with INTERNAL_ERROR", false, "unknown", "", resets(2)},
	{"resets with REFUSED_STREAM", false, "failed", "REFUSED_STREAM", resets(7)},
	{"resets with CANCEL", false, "unknown", "", resets(8)},
	{"resets with ENHANCE_YOUR_CALM", false, "unknown", "", resets(11)},
	{"resets with HTTP_1_1_REQUIRED", false, "unknown", "", resets(13)},
	{"resets with a code of its own", false, "unknown", "", resets(0xfffffff0)},
	{"resets after the headers", false, "unknown", "", grpcSays(func(id uint32) string { return begins(id) + frame(frameReset, 0, id, be32(2)) })},
	{"resets after the message", false, "unknown", "", grpcSays(func(id uint32) string {
		return begins(id) + frame(frameData, 0, id, message("")) + frame(frameReset, 0, id, be32(8))
	})},
	{"refuses every second stream", false, "", "", inTurn(takesOne, func(p *peer, id uint32) bool { return p.write(frame(frameReset, 0, id, be32(7))) })},
	{"takes every second and cuts", false, "", "", inTurn(func(p *peer, id uint32) bool { return p.take(answered(id, "")) }, func(*peer, uint32) bool { return false })},
	{"no trailers", false, "unknown", "", grpcSays(func(id uint32) string { return begins(id) + frame(frameData, endStream, id, message("")) })},
	{"trailers without status", false, "", "", grpcSays(func(id uint32) string {
		return begins(id) + frame(frameData, 0, id, message("")) + frame(frameHeaders, endHeaders|endStream, id, fields("x", "y"))
	})},
	{"a status that is a word", false, "unknown", "", grpcSays(func(id uint32) string { return only(id, "abc") })},
	{"a status that nobody knows", false, "failed", "Code(99)", grpcSays(func(id uint32) string { return only(id, "99") })},
	{"OK without a message", false, "unknown", "unreadable answer", grpcSays(func(id uint32) string { return only(id, "0") })},
	{"a message shorter than it says", false, "unknown", "", grpcSays(func(id uint32) string {
		return begins(id) + frame(frameData, 0, id, "\x00\x00\x00\x03\xe8abc") + ends(id, "0")
	})},
	{"a message of all memory", false, "unknown", "", grpcSays(func(id uint32) string {
		return begins(id) + frame(frameData, 0, id, "\x00\xff\xff\xff\xffabc") + ends(id, "0")
	})},
	{"a coding without a name", false, "unknown", "", grpcSays(func(id uint32) string {
		return begins(id) + frame(frameData, 0, id, "\x01\x00\x00\x00\x01a") + ends(id, "0")
	})},
	{"a coding that nobody knows", false, "unknown", "", grpcSays(func(id uint32) string {
		return frame(frameHeaders, endHeaders, id, fields(":status", "200", "content-type", "application/grpc", "grpc-encoding", "odd")) +
			frame(frameData, 0, id, "\x01\x00\x00\x00\x01a") + ends(id, "0")
	})},
	{"bytes that are no answer", false, "unknown", "unreadable answer", grpcSays(func(id uint32) string { return answered(id, "\x80\x80") })},
	{"a warning", false, "accepted", "careful", grpcTakes(func(id uint32) string { return answered(id, partialOf(0, "careful "+evil)) })},
	{"rejects more than was sent", false, "rejected", "more than was sent", grpcRejects(func(id uint32) string { return answered(id, partialOf(math.MaxInt64, evil)) })},
	{"rejects less than nothing", false, "accepted", "rejected -5", grpcTakes(func(id uint32) string { return answered(id, partialOf(-5, "")) })},
	{"unavailable without end", false, "failed", "Unavailable", grpcSays(func(id uint32) string { return only(id, "14") })},
	{"unavailable, headers apart", false, "failed", "full house", grpcSays(func(id uint32) string { return begins(id) + ends(id, "14", "grpc-message", "full house") })},
	{"a wait of centuries", false, "failed", "Unavailable", grpcSays(func(id uint32) string {
		return only(id, "14", "grpc-status-details-bin", details(14, math.MaxInt64))
	})},
	{"a wait of centuries after a while", false, "failed", "Unavailable", http2(greets, func(p *peer, id uint32) bool {
		time.Sleep(50 * time.Millisecond)
		return p.write(only(id, "14", "grpc-status-details-bin", details(14, 9223372035*time.Second)))
	})},
	{"exhausted for good", false, "failed", "ResourceExhausted", grpcSays(func(id uint32) string { return only(id, "8") })},
	{"words that move the terminal", false, "failed", "InvalidArgument", grpcSays(func(id uint32) string {
		return only(id, "3", "grpc-message", "%1B]0;owned%07%1B[31m%C2%9B31m%9B")
	})},
	{"repeats what it was sent", false, "failed", "***", grpcSays(func(id uint32) string { return only(id, "16", "grpc-message", "no "+secret) })},
	{"endless header blocks", true, "", "", http2(greets, func(p *peer, id uint32) bool {
		return p.repeats(frame(frameHeaders, 0, id, fields(":status", "200")), frame(frameContinuation, 0, id, fields("x", strings.Repeat("y", 100))))
	})},
	{"a header block that is none", false, "unknown", "", grpcSays(func(id uint32) string {
		return frame(frameHeaders, endHeaders|endStream, id, "\xff\xff\xff\xff\xff\xff")
	})},
	{"a frame of 16 MB", false, "unknown", "", grpcEnds(func(id uint32) string { return "\xff\xff\xff\x00\x00" + be32(id) + "x" })},
	{"a frame of no kind", false, "accepted", "", grpcTakes(func(id uint32) string { return frame(0xee, 0xff, id, "odd") + answered(id, "") })},
	{"settings without end", true, "", "", http2(greets, func(p *peer, id uint32) bool { return p.repeats("", frame(frameSettings, 0, 0, "")) })},
	{"pings without end", true, "", "", http2(greets, func(p *peer, id uint32) bool { return p.repeats("", frame(framePing, 0, 0, "12345678")) })},
	{"no window", true, "unknown", "timeout", http2(frame(frameSettings, 0, 0, "\x00\x04\x00\x00\x00\x00"), takesOne)},
	{"no streams", true, "failed", "timeout", http2(frame(frameSettings, 0, 0, "\x00\x03\x00\x00\x00\x00"), takesOne)},
	{"settings that are none", true, "", "", http2(frame(frameSettings, 0, 0, "odd"), takesOne)},
	{"a window that overflows", false, "", "", http2(greets+frame(frameWindow, 0, 0, be32(math.MaxInt32)), takesOne)},
	{"answers another stream", true, "unknown", "timeout", grpcSays(func(id uint32) string { return answered(id+1000, "") })},
	{"pushes", false, "unknown", "", grpcEnds(func(id uint32) string { return frame(framePush, endHeaders, id, be32(2)+fields(":path", "/")) })},
	{"data on no stream", false, "unknown", "", grpcEnds(func(id uint32) string { return frame(frameData, endStream, 0, "x") })},
	{"interim answers, then one", false, "accepted", "", grpcTakes(func(id uint32) string {
		return frame(frameHeaders, endHeaders, id, fields(":status", "103")) + answered(id, "")
	})},
	{"two messages", false, "", "", grpcSays(func(id uint32) string {
		return begins(id) + frame(frameData, 0, id, message("")+message("")) + ends(id, "0")
	})},
	{"answers byte by byte", false, "accepted", "", http2(greets, func(p *peer, id uint32) bool {
		p.seen.add(&p.seen.accepted)
		for _, c := range []byte(answered(id, "")) {
			if !p.write(string([]byte{c})) {
				return false
			}
		}
		return true
	})},
}

func TestHostileReceiversOfGRPC(t *testing.T) { meetAll(t, hostileGRPC, endpoint.GRPC, nil) }
