package codec

import (
	"bytes"
	"encoding/binary"
	"errors"
	"runtime"
	"testing"
)

// taken returns how many bytes f allocates, in all.
func taken(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// A frame that claims far more than it holds takes memory for what it holds.
func TestClaimTakesNoMemory(t *testing.T) {
	d, err := NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	// Noise does not compress: a raw block after another, and a claim of 1 GiB
	// in eight bytes.
	const claim = 1 << 30
	noise := make([]byte, 4<<20)
	for i := range noise {
		noise[i] = byte(uint32(i) * 2654435761 >> 13)
	}
	frame := []byte{0x28, 0xb5, 0x2f, 0xfd, 0xc0, 0x38} // size of 8 bytes; window of 128 KiB
	frame = binary.LittleEndian.AppendUint64(frame, claim)
	for at := 0; at < len(noise); at += 1 << 16 {
		frame = append(frame, 0, 0, 0x08) // raw, 64 KiB
		frame = append(frame, noise[at:at+1<<16]...)
	}
	frame = append(frame, 1, 0, 0) // the last one, empty
	warm := encode(t, Zstd, Fastest, noise[:1000])
	if _, err := d.Append(nil, warm, Zstd, 1<<20); err != nil {
		t.Fatal(err)
	}
	bytes := taken(func() { _, err = d.Append(nil, frame, Zstd, 2<<30) })
	if !errors.Is(err, ErrCorrupt) {
		t.Errorf("got %v, want ErrCorrupt", err)
	}
	if most := uint64(128 << 20); bytes > most {
		t.Errorf("%d bytes taken for a file of %d that claims %d, want at most %d", bytes, len(frame), claim, most)
	}
}

// Content that no telemetry has is refused before it is all in memory, whatever
// limit the caller has been talked into.
func TestBombIsRefused(t *testing.T) {
	d, err := NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 160<<20)
	for _, c := range []Compression{Zstd, Gzip} {
		bomb := encode(t, c, Fastest, zeros)
		bytes := taken(func() { _, err = d.Append(nil, bomb, c, 2<<30) })
		if !errors.Is(err, ErrLimit) || bytes > 384<<20 {
			t.Errorf("%v: got %v with %d bytes taken", c, err, bytes)
		}
	}
	// Just below the line all is read.
	small := zeros[:bombBase]
	for _, c := range []Compression{Zstd, Gzip} {
		if out, err := d.Append(nil, encode(t, c, Fastest, small), c, int64(len(small))); err != nil || !bytes.Equal(out, small) {
			t.Errorf("%v: got %d bytes, %v", c, len(out), err)
		}
	}
}
