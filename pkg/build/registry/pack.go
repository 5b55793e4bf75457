package registry

import (
	"encoding/binary"
	"errors"
)

// A packed registry is what a program carries: a YAML reader needs two hundred
// times as long for the same facts. Texts are in a table, numbers are varints, and
// an attribute is the number of its row:
//
//	version, number of texts, length of each, the texts; rows; definitions by kind
//
// One walk over the model both writes and reads it, so that the two cannot differ.
const packVersion = 1

var errPacked = errors.New("packed registry is broken")

// packer writes or reads.
type packer struct {
	out     []byte // written
	texts   []string
	numbers map[string]uint64 // of texts, when writing

	in   string // to be read
	read bool

	rows   []Attribute
	rowsOf map[*Attribute]uint64
}

// pack returns a registry in the packed form.
func pack(r *Registry) []byte {
	p := &packer{numbers: make(map[string]uint64), rowsOf: make(map[*Attribute]uint64)}
	p.collect(r)
	p.walk(r)
	var head []byte
	head = binary.AppendUvarint(head, packVersion)
	head = binary.AppendUvarint(head, uint64(len(p.texts)))
	for _, s := range p.texts {
		head = binary.AppendUvarint(head, uint64(len(s)))
	}
	for _, s := range p.texts {
		head = append(head, s...)
	}
	return append(head, p.out...)
}

// unpack reads what pack wrote. Its texts are parts of data.
func unpack(data string) (r *Registry, err error) {
	defer func() {
		if recover() != nil { // an index out of range: nothing but the program's own file is read
			r, err = nil, errPacked
		}
	}()
	p := &packer{in: data, read: true}
	var version, texts uint64
	p.number(&version)
	p.number(&texts)
	if version != packVersion || texts > uint64(len(data)) {
		return nil, errPacked
	}
	p.texts = make([]string, texts)
	lengths := make([]uint64, texts)
	for i := range lengths {
		p.number(&lengths[i])
	}
	for i, n := range lengths {
		p.texts[i], p.in = p.in[:n], p.in[n:]
	}
	r = new(Registry)
	p.walk(r)
	if p.in != "" {
		return nil, errPacked
	}
	return r.finish(), nil
}

// collect numbers the rows: the definitions, then what uses make of them.
func (p *packer) collect(r *Registry) {
	add := func(a *Attribute) {
		if _, ok := p.rowsOf[a]; !ok {
			p.rowsOf[a] = uint64(len(p.rows))
			p.rows = append(p.rows, *a)
		}
	}
	for _, a := range r.Attributes {
		add(a)
	}
	r.everyUse(func(u *Use) { add(u.Attribute) })
}

// everyUse calls f for every use of an attribute, in the order of the model.
func (r *Registry) everyUse(f func(*Use)) {
	each := func(uses []Use) {
		for i := range uses {
			f(&uses[i])
		}
	}
	for _, list := range [][]*Span{r.Spans, r.SpanRefinements} {
		for _, s := range list {
			each(s.Attributes)
		}
	}
	for _, list := range [][]*Metric{r.Metrics, r.MetricRefinements} {
		for _, m := range list {
			each(m.Attributes)
		}
	}
	for _, list := range [][]*Event{r.Events, r.EventRefinements} {
		for _, e := range list {
			each(e.Attributes)
		}
	}
	for _, list := range [][]*Entity{r.Entities, r.EntityRefinements} {
		for _, e := range list {
			each(e.Identity)
			each(e.Description)
		}
	}
}

func (p *packer) number(n *uint64) {
	if !p.read {
		p.out = binary.AppendUvarint(p.out, *n)
		return
	}
	*n = 0
	for shift := 0; ; shift += 7 {
		b := p.in[0]
		p.in = p.in[1:]
		*n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return
		}
	}
}

func (p *packer) text(s *string) {
	var n uint64
	if !p.read {
		known, ok := p.numbers[*s]
		if !ok {
			known = uint64(len(p.texts))
			p.numbers[*s] = known
			p.texts = append(p.texts, *s)
		}
		n = known
	}
	p.number(&n)
	*s = p.texts[n]
}

// small walks over a constant, a position or a truth.
func small[T ~uint8 | ~int](p *packer, v *T) {
	n := uint64(*v)
	p.number(&n)
	*v = T(n)
}

func (p *packer) truth(b *bool) {
	var n uint8
	if *b {
		n = 1
	}
	small(p, &n)
	*b = n == 1
}

// list walks over a list; nil stays nil.
func list[T any](p *packer, l *[]T, each func(*T)) {
	n := uint64(len(*l)) + 1
	if *l == nil {
		n = 0
	}
	p.number(&n)
	if p.read && n > 0 {
		if n > uint64(len(p.in))+1 {
			panic(errPacked) // more than there are bytes for
		}
		*l = make([]T, n-1)
	}
	for i := range *l {
		each(&(*l)[i])
	}
}

// definitionList walks over definitions.
func definitionList[T any](p *packer, l *[]*T, each func(*T)) {
	list(p, l, func(d **T) {
		if p.read {
			*d = new(T)
		}
		each(*d)
	})
}
