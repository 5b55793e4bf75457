package match

// table finds small numbers by hash, by open addressing: flat, reused memory and no
// pointers. What is equal the caller decides.
type table struct {
	slots []slot
	used  int
}

// slot is a number of a table with its hash; 0 is free, numbers are kept plus 1.
type slot struct {
	hash  uint64
	value uint32
}

// reset empties the table and makes room for n numbers.
func (t *table) reset(n int) {
	size := 16
	for size < 2*n {
		size *= 2
	}
	t.used = 0
	if size > len(t.slots) || size < len(t.slots)/8 {
		t.slots = make([]slot, size)
		return
	}
	clear(t.slots)
}

// find returns the first number of that hash that is the same.
func (t *table) find(hash uint64, same func(value uint32) bool) (value uint32, ok bool) {
	if len(t.slots) == 0 {
		return 0, false
	}
	mask := uint64(len(t.slots) - 1)
	for i := spread(hash) & mask; t.slots[i].value != 0; i = (i + 1) & mask {
		if s := &t.slots[i]; s.hash == hash && same(s.value-1) {
			return s.value - 1, true
		}
	}
	return 0, false
}

// first returns the first number of that hash, for hashes that are taken for what they
// are of.
func (t *table) first(hash uint64) (value uint32, ok bool) {
	return t.find(hash, func(uint32) bool { return true })
}

// add adds a number, of which there may be others with that hash: find meets them
// in the order in which they were added.
func (t *table) add(hash uint64, value uint32) {
	if 2*t.used >= len(t.slots) {
		t.grow()
	}
	t.used++
	t.put(hash, value+1)
}

func (t *table) put(hash uint64, value uint32) {
	mask := uint64(len(t.slots) - 1)
	i := spread(hash) & mask
	for t.slots[i].value != 0 {
		i = (i + 1) & mask
	}
	t.slots[i] = slot{hash, value}
}

// grow doubles the table. Walking the old one from a free slot on keeps numbers of
// one hash in their order.
func (t *table) grow() {
	old := t.slots
	t.slots = make([]slot, max(16, 2*len(old)))
	from := 0
	for from < len(old) && old[from].value != 0 {
		from++
	}
	for i := range old {
		if s := old[(from+i)%len(old)]; s.value != 0 {
			t.put(s.hash, s.value)
		}
	}
}

// spread makes the low bits of a hash, which may be an id that somebody chose,
// depend on all of it.
func spread(h uint64) uint64 {
	h ^= h >> 32
	h *= 0x9e3779b97f4a7c15
	return h ^ h>>29
}

// mingle returns a hash of two words.
func mingle(a, b uint64) uint64 { return spread(a)*0xbf58476d1ce4e5b9 ^ spread(b+0x9e3779b97f4a7c15) }
