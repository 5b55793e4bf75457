package codec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
)

// readStream opens one message as gRPC does: reads it all, then closes it.
func readStream(s *Stream, data []byte) ([]byte, error) {
	r, err := s.Decompress(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(r)
	return out, errors.Join(err, r.(io.Closer).Close())
}

func TestStreamRoundTripIsIdentityAndReusable(t *testing.T) {
	for _, c := range []Compression{Zstd, Gzip} {
		s, err := NewStream(c)
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for g := range 4 {
			wg.Go(func() {
				for n := range 20 {
					want := bytes.Repeat(fmt.Appendf(nil, "%d-%d ", g, n), n*500)
					var b bytes.Buffer
					w, err := s.Compress(&b)
					if err != nil {
						t.Error(err)
						return
					}
					_, err = w.Write(want)
					if err = errors.Join(err, w.Close()); err != nil {
						t.Error(err)
						return
					}
					got, err := readStream(s, b.Bytes())
					if err != nil || !bytes.Equal(got, want) {
						t.Errorf("%v: goroutine %d message %d: got %d bytes, %v; want %d", c, g, n, len(got), err, len(want))
					}
				}
			})
		}
		wg.Wait()
	}
}

func TestStreamRefusesDamageAndRecovers(t *testing.T) {
	for _, c := range []Compression{Zstd, Gzip} {
		s, err := NewStream(c)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		w, err := s.Compress(&b)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(bytes.Repeat([]byte("otelsim"), 1000))
		w.Close()
		for _, bad := range [][]byte{[]byte("neither of them"), b.Bytes()[:b.Len()-3]} {
			if _, err := readStream(s, bad); err == nil {
				t.Errorf("%v: opened %d damaged bytes", c, len(bad))
			}
			if got, err := readStream(s, b.Bytes()); err != nil || len(got) != 7000 {
				t.Errorf("%v: after damage: got %d bytes, %v", c, len(got), err)
			}
		}
	}
}

func TestNoStreamOfNoCompression(t *testing.T) {
	if _, err := NewStream(None); err == nil {
		t.Error("made a stream of no compression")
	}
}
