package conform

// What an audit keeps of a segment is in chunks that stay where they are: memory that is
// used again for the next one, and nothing is copied while it grows.

// slab has values that stay where they are.
type slab[T any] struct {
	chunks [][]T
	n      int
}

// slabChunk is how many values are taken from the heap at a time.
const slabChunk = 512

func (s *slab[T]) next() *T {
	at := s.n / slabChunk
	if at == len(s.chunks) {
		s.chunks = append(s.chunks, make([]T, slabChunk))
	}
	x := &s.chunks[at][s.n%slabChunk]
	s.n++
	return x
}

func (s *slab[T]) reset() { s.n = 0 }

// lists has lists of values, each in one piece.
type lists[T any] struct {
	chunks [][]T
	at     int // the chunk that has room
	used   int // of it
}

// listsChunk is how many values are taken from the heap at a time, or more for a list
// that is longer.
const listsChunk = 4096

// room returns an empty list for so many values, of which keep says how many there are.
func (l *lists[T]) room(n int) []T {
	for l.at < len(l.chunks) && len(l.chunks[l.at])-l.used < n {
		l.at, l.used = l.at+1, 0
	}
	if l.at == len(l.chunks) {
		l.chunks = append(l.chunks, make([]T, max(n, listsChunk)))
	}
	return l.chunks[l.at][l.used : l.used : l.used+n]
}

// keep keeps a list for which there was room.
func (l *lists[T]) keep(list []T) []T {
	l.used += len(list)
	return list[:len(list):len(list)]
}

// copied keeps a copy of values.
func (l *lists[T]) copied(values []T) []T { return l.keep(append(l.room(len(values)), values...)) }

func (l *lists[T]) reset() { l.at, l.used = 0, 0 }

// textStore has texts by where they begin.
type textStore struct {
	chunks [][]byte // of 1<<chunkBits, or from there to the end of a longer piece
	used   int
}

const (
	chunkBits = 20
	chunkMask = 1<<chunkBits - 1
)

// add keeps a copy of a text and returns where it begins.
func (t *textStore) add(b []byte) int {
	at := t.place(len(b))
	copy(t.chunks[at>>chunkBits][at&chunkMask:], b)
	return at
}

// place takes room for a text.
func (t *textStore) place(n int) int {
	if n == 0 {
		n = 1 // every text is somewhere
	}
	at := t.used
	if i := at >> chunkBits; at&chunkMask > 0 && len(t.chunks[i])-at&chunkMask < n {
		at = (i + 1) << chunkBits
	}
	if i := at >> chunkBits; i == len(t.chunks) || len(t.chunks[i])-at&chunkMask < n {
		pieces := (n + chunkMask) >> chunkBits
		t.chunks = t.chunks[:i]
		whole := make([]byte, pieces<<chunkBits)
		for k := range pieces {
			t.chunks = append(t.chunks, whole[k<<chunkBits:])
		}
	}
	t.used = at + n
	return at
}

// text returns the n bytes that begin at a place.
func (t *textStore) text(at, n int) []byte {
	return t.chunks[at>>chunkBits][at&chunkMask:][:n]
}

func (t *textStore) reset() { t.used = 0 }
