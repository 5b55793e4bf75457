package codec

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/zstd"
)

// samples are contents of several sizes, compressible and not.
func samples() map[string][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 300_000)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	return map[string][]byte{
		"nothing": {}, "a byte": {7}, "text": []byte("to be or not to be, that is the question"),
		"zeros": make([]byte, 5<<20), "noise": noise, "lines": bytes.Repeat([]byte("a line of some length\n"), 50_000),
	}
}

func encode(t testing.TB, c Compression, l Level, src []byte) []byte {
	t.Helper()
	e, err := NewEncoder(c, l)
	if err != nil {
		t.Fatal(err)
	}
	out, err := e.Append(nil, src)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAppendThenAppendIsIdentity(t *testing.T) {
	d, err := NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	for what, src := range samples() {
		for _, c := range Compressions {
			for _, l := range []Level{Fastest, Default, Better} {
				e, err := NewEncoder(c, l)
				if err != nil {
					t.Fatal(err)
				}
				for range 2 { // reused, too
					file, err := e.Append([]byte("before"), src)
					if err != nil || string(file[:6]) != "before" {
						t.Fatalf("%s, %v %v: %v", what, c, l, err)
					}
					file = file[6:]
					out, err := d.Append([]byte("prefix"), file, c, int64(len(src)))
					if err != nil || string(out[:6]) != "prefix" || !bytes.Equal(out[6:], src) {
						t.Errorf("%s, %v %v: %d bytes back, want %d: %v", what, c, l, len(out)-6, len(src), err)
					}
					r, err := NewReader(bytes.NewReader(file), c)
					if err != nil {
						t.Fatalf("%s, %v %v: %v", what, c, l, err)
					}
					stream, err := io.ReadAll(r)
					if err != nil || !bytes.Equal(stream, src) {
						t.Errorf("%s, %v %v: streamed %d bytes, want %d: %v", what, c, l, len(stream), len(src), err)
					}
					if err := r.Close(); err != nil {
						t.Error(err)
					}
				}
			}
		}
	}
}

// The checksum of a frame, which the library is not asked for, is the one that it would write.
func TestChecksumIsTheLibrarys(t *testing.T) {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(true))
	if err != nil {
		t.Fatal(err)
	}
	for what, src := range samples() {
		if len(src) == 0 {
			continue // of which the library makes no frame
		}
		if got, want := encode(t, Zstd, Fastest, src), z.EncodeAll(src, nil); !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, want the %d of the library", what, len(got), len(want))
		}
	}
}

func TestDamageIsCorrupt(t *testing.T) {
	d, err := NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	src := samples()["lines"][:5000]
	for _, c := range []Compression{Zstd, Gzip} {
		file := encode(t, c, Fastest, src)
		check := func(what string, at int, damaged []byte) {
			t.Helper()
			out, err := d.Append([]byte("prefix"), damaged, c, 1<<20)
			if err == nil && bytes.Equal(out[6:], src) {
				return // a bit of a header that means nothing, such as gzip's time
			}
			if !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrLimit) || string(out) != "prefix" {
				t.Errorf("%v, %s %d: got %d bytes, %v", c, what, at, len(out), err)
			}
			r, err := NewReader(bytes.NewReader(damaged), c)
			if err == nil {
				_, err = io.Copy(io.Discard, r)
			}
			if !errors.Is(err, ErrCorrupt) && len(damaged) > 0 {
				t.Errorf("%v, %s %d: streamed: %v", c, what, at, err)
			}
		}
		for n := range file {
			check("cut at", n, file[:n])
			damaged := bytes.Clone(file)
			damaged[n] ^= 1 << (n % 8)
			check("flip in", n, damaged)
		}
		check("garbage after", len(file), append(bytes.Clone(file), "garbage"...))
		// The decoder is as good as new.
		if out, err := d.Append(nil, file, c, 1<<20); err != nil || !bytes.Equal(out, src) {
			t.Errorf("%v: after all that: %v", c, err)
		}
	}
}

func TestLimitIsExact(t *testing.T) {
	d, err := NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	for what, src := range samples() {
		for _, c := range Compressions {
			file := encode(t, c, Fastest, src)
			if _, err := d.Append(nil, file, c, int64(len(src))); err != nil {
				t.Errorf("%s, %v: %v", what, c, err)
			}
			if _, err := d.Append(nil, file, c, int64(len(src))-1); !errors.Is(err, ErrLimit) {
				t.Errorf("%s, %v: one byte less: %v", what, c, err)
			}
		}
	}
}

// Memory that had room for a file has room for the next: all of it comes back.
func TestMemoryServesAgain(t *testing.T) {
	d, err := NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	src := samples()["noise"]
	for _, c := range Compressions {
		file, out := encode(t, c, Fastest, src), make([]byte, 0, len(src)+1)
		for range 2 {
			got, err := d.Append(out, file, c, int64(len(src)))
			if err != nil || &got[0] != &out[:1][0] || cap(got) != cap(out) {
				t.Errorf("%v: %v; other memory, or %d bytes of %d", c, err, cap(got), cap(out))
			}
		}
	}
}

// Several frames, frames without a content size and skippable frames are read
// like one.
func TestForeignFramesAreRead(t *testing.T) {
	d, err := NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	a, b := []byte(strings.Repeat("first ", 1000)), []byte(strings.Repeat("second ", 1000))
	var streamed bytes.Buffer
	w, err := zstd.NewWriter(&streamed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(w, iotest.OneByteReader(bytes.NewReader(a))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	skippable := append([]byte{0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0}, "abc"...)
	for what, file := range map[string][]byte{
		"a small frame, then a large one": append(encode(t, Zstd, Fastest, a), encode(t, Zstd, Fastest, b)...),
		"a frame of unknown size":         append(bytes.Clone(streamed.Bytes()), encode(t, Zstd, Fastest, b)...),
		"a skippable frame before":        append(bytes.Clone(skippable), append(encode(t, Zstd, Fastest, a), encode(t, Zstd, Fastest, b)...)...),
	} {
		want := append(bytes.Clone(a), b...)
		if got, err := d.Append([]byte{}, file, Zstd, int64(len(want))); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: got %d bytes, want %d: %v", what, len(got), len(want), err)
		}
		if _, err := d.Append(nil, file, Zstd, int64(len(want))-1); !errors.Is(err, ErrLimit) {
			t.Errorf("%s: one byte less: %v", what, err)
		}
	}
	two := append(encode(t, Gzip, Fastest, a), encode(t, Gzip, Fastest, b)...)
	if got, err := d.Append(nil, two, Gzip, 1<<20); err != nil || len(got) != len(a)+len(b) {
		t.Errorf("two gzip members: %d bytes, %v", len(got), err)
	}
}

// A frame that claims much and has little takes little memory.
func TestClaimIsNotBelieved(t *testing.T) {
	d, err := NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	// Single segment, 8 bytes of content size: 1 TiB; then no block.
	claim := []byte{0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 1, 0, 0}
	// 64 MiB of window, 1 GiB of content, then an empty last block.
	window := []byte{0x28, 0xb5, 0x2f, 0xfd, 0xc0, 0x80, 0, 0, 0, 0x40, 0, 0, 0, 0, 1, 0, 0}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, file := range [][]byte{claim, window} {
		if _, err := d.Append(nil, file, Zstd, 1<<50); !errors.Is(err, ErrCorrupt) {
			t.Errorf("% x: got %v", file, err)
		}
	}
	runtime.ReadMemStats(&after)
	if taken := after.TotalAlloc - before.TotalAlloc; taken > 200<<20 {
		t.Errorf("%d bytes were taken", taken)
	}
}

func TestReaderPassesErrorsOfItsSource(t *testing.T) {
	bad := errors.New("the disk is on fire")
	for _, c := range Compressions {
		file := encode(t, c, Fastest, samples()["noise"])
		r, err := NewReader(io.MultiReader(bytes.NewReader(file[:100_000]), iotest.ErrReader(bad)), c)
		if err == nil {
			_, err = io.Copy(io.Discard, r)
		}
		if !errors.Is(err, bad) || errors.Is(err, ErrCorrupt) {
			t.Errorf("%v: got %v, want %v", c, err, bad)
		}
	}
}

func TestGzipHasNoTime(t *testing.T) {
	file := encode(t, Gzip, Fastest, []byte("x"))
	if want := []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0}; !bytes.HasPrefix(file, want) {
		t.Errorf("header % x, want % x", file[:10], want)
	}
}

// The tools that everybody has open what is written, nothing included.
func TestCommandsOpenFiles(t *testing.T) {
	for _, c := range []Compression{Zstd, Gzip} {
		tool, err := exec.LookPath(c.String())
		if err != nil {
			t.Logf("no %v on this machine", c)
			continue
		}
		for what, src := range samples() {
			cmd := exec.Command(tool, "-dc")
			cmd.Stdin = bytes.NewReader(encode(t, c, Default, src))
			if out, err := cmd.Output(); err != nil || !bytes.Equal(out, src) {
				t.Errorf("%v of %s: %d bytes, want %d: %v", c, what, len(out), len(src), err)
			}
		}
	}
}

func TestNamesAreRead(t *testing.T) {
	for _, c := range Compressions {
		if got, err := ParseCompression(c.String()); got != c || err != nil {
			t.Errorf("%v: %v, %v", c, got, err)
		}
	}
	if _, err := ParseCompression("lz4"); err == nil {
		t.Error("lz4 is read")
	}
	if _, err := NewEncoder(9, Fastest); err == nil {
		t.Error("there is an encoder of compression 9")
	}
}

// No bytes make a decoder panic, or yield more than the limit.
func FuzzDecoder(f *testing.F) {
	for _, src := range [][]byte{{}, []byte("text"), bytes.Repeat([]byte("abc"), 1000)} {
		for _, c := range Compressions {
			f.Add(encode(f, c, Fastest, src), uint8(c), uint16(len(src)))
		}
	}
	d, err := NewDecoder()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, file []byte, c uint8, limit uint16) {
		out, err := d.Append([]byte("p"), file, Compression(c%3), int64(limit))
		if len(out) > 1+int(limit) || string(out[:1]) != "p" {
			t.Errorf("%d bytes, limit %d", len(out)-1, limit)
		}
		if err != nil && !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrLimit) {
			t.Errorf("%v, which is of no class", err)
		}
	})
}
