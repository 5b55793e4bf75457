package otlp

import "math"

// A message can be written in many ways that say the same. While the Decoder reads
// protobuf it notes whether it meets the one that the appenders write: fields in their
// order, each that belongs there once only once, none with its default, none unknown,
// numbers in as few bytes as they take.

// order says how the fields of a message follow each other, by their tags: a rank, rising,
// and the flags of it. A rank of 0 is of a field that the appenders do not write.
type order [1 << 8]uint8

// What orders say of a field beside its place.
const (
	many    = 1 // it may be there several times
	zero    = 2 // it is written when it is zero or empty, too
	instead = 4 // of a list for orderOf: it has the place of the field before it
	unlike  = math.MaxUint8
	ranks   = 4 // ranks of two places are so far apart
)

// as is a tag with flags, for orderOf.
func as(tag uint16, flags uint16) uint16 { return tag | flags<<8 }

// orderOf is the order of fields, as tags with flags.
func orderOf(fields ...uint16) *order {
	var o order
	place := uint8(0)
	for _, f := range fields {
		flags := uint8(f >> 8)
		if flags&instead == 0 {
			place += ranks
		}
		o[uint8(f)] = place | flags&(many|zero)
	}
	return &o
}

// after returns the rank of f, which comes after a field of rank last, or unlike, after
// which all is unlike, when the appenders do not write it so.
func (o *order) after(last uint8, f *field) uint8 {
	rank := o[uint8(f.tag)]
	if rank < last || rank == last && rank&many == 0 || f.tag > math.MaxUint8 || f.padded ||
		rank&zero == 0 && f.num == 0 && len(f.bytes) == 0 {
		return unlike
	}
	return rank
}

// The orders of the messages, in the words of their appenders.
var (
	dataOrder     = orderOf(as(0x0a, many))
	itemsOrder    = orderOf(as(0x0a, zero), as(0x12, many|zero), 0x1a) // by resource and by scope
	attrsOrder    = orderOf(as(0x0a, many))
	scopeOrder    = orderOf(0x0a, 0x12)
	spanOrder     = orderOf(0x0a, 0x12, 0x22, 0x2a, 0x30, 0x39, 0x41, as(0x4a, many), as(0x5a, many|zero), as(0x6a, many|zero), 0x7a, 0x85)
	statusOrder   = orderOf(0x12, 0x18)
	eventOrder    = orderOf(0x09, 0x12, as(0x1a, many))
	linkOrder     = orderOf(0x0a, 0x12, as(0x22, many), 0x35)
	logOrder      = orderOf(0x09, 0x10, 0x1a, 0x2a, as(0x32, many), 0x45, 0x4a, 0x52, 0x59, 0x62)
	metricOrder   = orderOf(0x0a, 0x12, 0x1a, as(0x2a, zero), as(0x3a, zero|instead), as(0x4a, zero|instead), as(0x52, zero|instead))
	bucketsOrder  = orderOf(0x08, 0x12)
	exemplarOrder = orderOf(0x11, 0x22, 0x2a, as(0x3a, many), as(0x19, zero), as(0x31, zero|instead))
	listOrder     = orderOf(as(0x0a, many|zero))

	metricDataOrder = [...]*order{
		MetricGauge:        orderOf(as(0x0a, many|zero)),
		MetricSum:          orderOf(as(0x0a, many|zero), 0x10, 0x18),
		MetricHistogram:    orderOf(as(0x0a, many|zero), 0x10),
		MetricExpHistogram: orderOf(as(0x0a, many|zero), 0x10),
	}
	pointOrder = [...]*order{
		MetricGauge: numberOrder, MetricSum: numberOrder,
		MetricHistogram: orderOf(0x11, 0x19, 0x21, as(0x29, zero), 0x32, 0x3a, as(0x42, many|zero), as(0x4a, many), 0x50,
			as(0x59, zero), as(0x61, zero)),
		MetricExpHistogram: orderOf(as(0x0a, many), 0x11, 0x19, 0x21, as(0x29, zero), 0x30, 0x39, 0x42, 0x4a, 0x50,
			as(0x5a, many|zero), as(0x61, zero), as(0x69, zero), 0x71),
	}
	numberOrder = orderOf(0x11, 0x19, as(0x2a, many|zero), as(0x3a, many), 0x40, as(0x21, zero), as(0x31, zero|instead))
)

// like takes the rank of the last field of a message, which is unlike when some field is
// not as the appenders write it.
func (d *Decoder) like(last uint8) {
	if last == unlike {
		d.spelt = false
	}
}

// told notes that something is spelt as it is only when ok.
func (d *Decoder) told(ok bool) { d.spelt = d.spelt && ok }

// id is copyID. One of zeros is none, which the appenders leave out.
func (d *Decoder) id(dst, src []byte) error {
	for _, c := range src {
		if c != 0 {
			return copyID(dst, src)
		}
	}
	d.spelt = false
	return copyID(dst, src)
}
