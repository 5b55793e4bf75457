package intake

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/cespare/xxhash/v2"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// How many different resources and scopes are kept, and how many bytes of them.
const (
	maxResources = 50_000
	maxScopes    = 10_000
	maxPartBytes = 32 << 20
)

// noPart stands where a part has no number, since there were too many: it is written out.
const noPart = ^uint32(0)

// parts are the resources and scopes that were met, by number and by their bytes.
type parts struct {
	resources interned[Resource]
	scopes    interned[Scope]
}

// interned are parts of one kind.
type interned[T any] struct {
	list    []*T
	numbers map[string]uint32 // by their bytes
	alike   map[uint64]*T     // by the hash of what they say
	bytes   int
	most    int
}

func newParts(most int) *parts {
	p := &parts{}
	p.resources.init(cmp.Or(most, maxResources))
	p.scopes.init(cmp.Or(most, maxScopes))
	return p
}

func (in *interned[T]) init(most int) {
	in.most, in.numbers, in.alike = most, make(map[string]uint32), make(map[uint64]*T)
}

// number returns the number of a part, noPart where there is no room for another one.
// Decode returns it with a hash of what it says.
func (in *interned[T]) number(b []byte, decode func([]byte) (*T, uint64)) uint32 {
	if n, ok := in.numbers[string(b)]; ok {
		return n
	}
	if len(in.list) >= in.most || in.bytes+len(b) > maxPartBytes {
		return noPart
	}
	b = bytes.Clone(b)
	part, hash := decode(b)
	if known, ok := in.alike[hash]; ok {
		part = known
	} else {
		in.alike[hash] = part
	}
	n := uint32(len(in.list))
	in.list, in.bytes = append(in.list, part), in.bytes+len(b)
	in.numbers[string(b)] = n
	return n
}

func (p *parts) resource(b []byte) uint32 { return p.resources.number(b, resourceOf) }
func (p *parts) scope(b []byte) uint32    { return p.scopes.number(b, scopeOf) }

// resourceOf reads a ResourceSpans or its like without spans, whose memory it keeps.
func resourceOf(b []byte) (*Resource, uint64) {
	r := &Resource{}
	r.Attributes = attributesIn(lastValue(b, 1<<3|wireBytes), 1<<3|wireBytes)
	r.Hash = hashOf(r.Attributes, nil)
	for i := range r.Attributes {
		a := &r.Attributes[i]
		if a.Kind != otlp.KindText {
			continue
		}
		switch string(a.Key) {
		case "service.name":
			r.Service = string(a.Text)
		case "service.namespace":
			r.Namespace = string(a.Text)
		case "service.instance.id":
			r.Instance = string(a.Text)
		}
	}
	if r.Service == "" {
		r.Service = "unknown_service"
	}
	r.Schema = string(lastValue(b, 3<<3|wireBytes))
	return r, withSchema(r.Hash, r.Schema)
}

// withSchema returns a hash of what has a schema URL besides.
func withSchema(hash uint64, schema string) uint64 {
	if schema == "" {
		return hash
	}
	return xxhash.Sum64(binary.LittleEndian.AppendUint64([]byte(schema), hash))
}

// scopeOf reads a ScopeSpans or its like without spans, whose memory it keeps.
func scopeOf(b []byte) (*Scope, uint64) {
	schema := string(lastValue(b, 3<<3|wireBytes))
	b = lastValue(b, 1<<3|wireBytes)
	s := &Scope{
		Schema:     schema,
		Name:       string(lastValue(b, 1<<3|wireBytes)),
		Version:    string(lastValue(b, 2<<3|wireBytes)),
		Attributes: attributesIn(b, 3<<3|wireBytes),
	}
	head := binary.AppendUvarint(nil, uint64(len(s.Name)))
	head = append(append(head, s.Name...), s.Version...)
	return s, withSchema(hashOf(s.Attributes, head), schema)
}

// lastValue returns the bytes of the last field with a tag.
func lastValue(b []byte, wanted uint64) (last []byte) {
	for i := 0; i < len(b); {
		tag, value, _, after := next(b, i)
		if after < 0 {
			return last
		}
		if i = after; tag == wanted {
			last = value
		}
	}
	return last
}

// attributesIn returns the attributes of a message, in the order of their keys.
func attributesIn(b []byte, wanted uint64) (all []Attribute) {
	var d decoder
	var seen keySet
	for i := 0; i < len(b); {
		tag, value, _, after := next(b, i)
		if after < 0 {
			break
		}
		if i = after; tag == wanted {
			all = d.attribute(all, 0, value, &seen)
		}
	}
	slices.SortFunc(all, func(a, b Attribute) int { return bytes.Compare(a.Key, b.Key) })
	return all
}

// hashOf returns a hash of attributes that are sorted, and of what comes before.
func hashOf(attributes []Attribute, b []byte) uint64 {
	for i := range attributes {
		a := &attributes[i]
		b = append(binary.AppendUvarint(b, uint64(len(a.Key))), a.Key...)
		b = append(binary.AppendUvarint(append(b, byte(a.Kind)), uint64(len(a.Text))), a.Text...)
		b = binary.LittleEndian.AppendUint64(b, a.Word)
	}
	return xxhash.Sum64(b)
}

// compareParts orders parts that come with equal spans.
func compareParts(r, q *Resource, s, t *Scope) int {
	return cmp.Or(cmp.Compare(r.Hash, q.Hash), cmp.Compare(s.Name, t.Name), cmp.Compare(s.Version, t.Version),
		cmp.Compare(r.Schema, q.Schema), cmp.Compare(s.Schema, t.Schema))
}
