package profile

import (
	"cmp"
	"maps"
	"slices"
)

// lowest is a table of what has the lowest keys, which are hashes: as much from the
// lowest on as most allows. What is in it at the end has been in it ever since it came,
// in any order, so it has all of its counts.
type lowest[T any] struct {
	most, total int // weights
	items       map[uint64]*T
	weight      func(*T) int // nil: 1 each
	bound       uint64       // nothing from it on is kept; 0: all is
	over        bool         // there was more than most
	near        *recent[T]   // some of items, and of those behind the bound; nil: none
}

// recent is what was found lately, by keys that are hashes: it is quicker than a map, and
// knows some of what that has.
type recent[T any] [1 << 9]struct {
	hash uint64
	x    *T
}

func (r *recent[T]) find(h uint64) *T {
	if at := &r[h%uint64(len(r))]; at.hash == h {
		return at.x
	}
	return nil
}

func (r *recent[T]) put(h uint64, x *T) {
	at := &r[h%uint64(len(r))]
	at.hash, at.x = h, x
}

func newLowest[T any](most int, weight func(*T) int) *lowest[T] {
	return &lowest[T]{most: max(most, 1), items: make(map[uint64]*T), weight: weight}
}

// newAsked returns one that is asked for the same again and again.
func newAsked[T any](most int, weight func(*T) int) *lowest[T] {
	l := newLowest(most, weight)
	l.near = new(recent[T])
	return l
}

func (l *lowest[T]) of(x *T) int {
	if l.weight == nil {
		return 1
	}
	return l.weight(x)
}

// find returns what has a key, and where there is nothing whether there is room.
func (l *lowest[T]) find(h uint64) (x *T, room bool) {
	if l.bound != 0 && h >= l.bound {
		return nil, false
	}
	if l.near == nil {
		return l.items[h], true
	}
	if x = l.near.find(h); x == nil {
		if x = l.items[h]; x != nil {
			l.near.put(h, x)
		}
	}
	return x, true
}

// put adds what find had room for.
func (l *lowest[T]) put(h uint64, x *T) *T {
	l.items[h] = x
	l.total += l.of(x)
	l.over = l.over || l.total > l.most
	if l.total > l.most+l.most/4 {
		l.trim()
	}
	return x
}

// grow says that something in it weighs more than it did.
func (l *lowest[T]) grow(by int) {
	l.total += by
	l.over = l.over || l.total > l.most
	if l.total > l.most+l.most/4 {
		l.trim()
	}
}

// trim drops all from the first that is too much.
func (l *lowest[T]) trim() {
	if l.total <= l.most {
		return
	}
	keys := slices.Sorted(maps.Keys(l.items))
	total := 0
	for i, h := range keys {
		w := l.of(l.items[h])
		if total+w > l.most {
			l.bound, l.total = max(h, 1), total
			for _, h := range keys[i:] {
				delete(l.items, h)
			}
			return
		}
		total += w
	}
}

// join prepares for what another table has: from where that has left out, so does this,
// even where there is room for what comes behind it.
func (l *lowest[T]) join(o *lowest[T]) {
	l.over = l.over || o.over
	if o.bound == 0 || l.bound != 0 && l.bound <= o.bound {
		return
	}
	l.bound = o.bound
	for h, x := range l.items { // order-free: each alone
		if h >= l.bound {
			l.total -= l.of(x)
			delete(l.items, h)
		}
	}
}

// sorted returns the keys from the lowest on, once what is too much is dropped.
func (l *lowest[T]) sorted() []uint64 {
	l.trim()
	return slices.Sorted(maps.Keys(l.items))
}

// sortedKeys returns the keys of any map in order.
func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
