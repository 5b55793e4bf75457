package replay_test

import (
	"encoding/binary"
	"io"
	"strconv"
	"strings"
)

// Frames of HTTP/2 by hand (RFC 9113), since a library would not send what
// should not be sent.
const (
	frameData         = 0
	frameHeaders      = 1
	frameReset        = 3
	frameSettings     = 4
	framePush         = 5
	framePing         = 6
	frameGoAway       = 7
	frameWindow       = 8
	frameContinuation = 9

	endStream  = 1
	endHeaders = 4
)

func be32(n uint32) string { return string(binary.BigEndian.AppendUint32(nil, n)) }

// frame returns one frame.
func frame(kind, flags byte, stream uint32, payload string) string {
	return be32(uint32(len(payload)))[1:] + string([]byte{kind, flags}) + be32(stream) + payload
}

// fields returns a block of header fields, names and values in turn, as literals
// that no table keeps (RFC 7541, 6.2.2).
func fields(pairs ...string) string {
	var b strings.Builder
	for i, s := range pairs {
		if i%2 == 0 {
			b.WriteByte(0)
		}
		if len(s) < 127 {
			b.WriteByte(byte(len(s)))
		} else {
			b.WriteByte(127)
			b.Write(binary.AppendUvarint(nil, uint64(len(s)-127)))
		}
		b.WriteString(s)
	}
	return b.String()
}

// message returns a message of gRPC.
func message(body string) string { return "\x00" + be32(uint32(len(body))) + body }

// Parts of answers on a stream.
func begins(id uint32) string {
	return frame(frameHeaders, endHeaders, id, fields(":status", "200", "content-type", "application/grpc"))
}

func ends(id uint32, status string, more ...string) string {
	return frame(frameHeaders, endHeaders|endStream, id, fields(append([]string{"grpc-status", status}, more...)...))
}

// only is an answer of one block of headers.
func only(id uint32, status string, more ...string) string {
	return frame(frameHeaders, endHeaders|endStream, id, fields(append([]string{
		":status", "200", "content-type", "application/grpc", "grpc-status", status}, more...)...))
}

func answered(id uint32, body string) string {
	return begins(id) + frame(frameData, 0, id, message(body)) + ends(id, "0")
}

// http2 speaks HTTP/2 on a connection: it greets, acknowledges what has to be,
// and has each whole request answered while answer returns true.
func http2(greeting string, answer func(p *peer, id uint32) bool) func(*peer) {
	return func(p *peer) {
		if !p.write(greeting) {
			return
		}
		preface := make([]byte, 24)
		if _, err := io.ReadFull(p, preface); err != nil {
			return
		}
		for {
			kind, flags, id, payload, err := readFrame(p)
			if err != nil {
				return
			}
			switch {
			case kind == frameSettings && flags&1 == 0:
				p.write(frame(frameSettings, 1, 0, ""))
			case kind == framePing && flags&1 == 0:
				p.write(frame(framePing, 1, 0, string(payload)))
			case kind == frameData && len(payload) > 0:
				p.write(frame(frameWindow, 0, 0, be32(uint32(len(payload)))))
			}
			if (kind == frameData || kind == frameHeaders) && flags&endStream != 0 {
				p.seen.add(&p.seen.arrived)
				if !answer(p, id) {
					return
				}
			}
		}
	}
}

func readFrame(r io.Reader) (kind, flags byte, id uint32, payload []byte, err error) {
	head := make([]byte, 9)
	if _, err = io.ReadFull(r, head); err != nil {
		return 0, 0, 0, nil, err
	}
	payload = make([]byte, int(head[0])<<16|int(head[1])<<8|int(head[2]))
	_, err = io.ReadFull(r, payload)
	return head[3], head[4], binary.BigEndian.Uint32(head[5:]), payload, err
}

const greets = "\x00\x00\x00\x04\x00\x00\x00\x00\x00" // empty settings

// grpcSays answers each request, and goes on.
func grpcSays(f func(id uint32) string) func(*peer) {
	return http2(greets, func(p *peer, id uint32) bool { return p.write(f(id)) })
}

// grpcEnds answers each request and ends the connection.
func grpcEnds(f func(id uint32) string) func(*peer) {
	return http2(greets, func(p *peer, id uint32) bool { return p.write(f(id)) && false })
}

// grpcTakes answers each request so that it is accepted.
func grpcTakes(f func(id uint32) string) func(*peer) {
	return http2(greets, func(p *peer, id uint32) bool { return p.take(f(id)) })
}

func grpcRejects(f func(id uint32) string) func(*peer) {
	return http2(greets, func(p *peer, id uint32) bool {
		p.seen.add(&p.seen.partial)
		return p.write(f(id))
	})
}

// resets answers each request by the end of its stream.
func resets(code uint32) func(*peer) {
	return grpcSays(func(id uint32) string { return frame(frameReset, 0, id, be32(code)) })
}

// goodbye is a GOAWAY.
func goodbye(last, code uint32, debug string) string {
	return frame(frameGoAway, 0, 0, be32(last)+be32(code)+debug)
}

// repeats writes a beginning, and more until the connection ends.
func (p *peer) repeats(begin, more string) bool {
	p.write(begin)
	p.more(more)
	return false
}

// httpStatus is an answer of HTTP/2 that is not of gRPC.
func httpStatus(code int, kind, body string) func(*peer) {
	return grpcSays(func(id uint32) string {
		return frame(frameHeaders, endHeaders, id, fields(":status", strconv.Itoa(code), "content-type", kind)) +
			frame(frameData, endStream, id, body)
	})
}
