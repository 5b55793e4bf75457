package privacy

import (
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// single returns an attribute that has lists of one text each as one that has the texts,
// where the conventions say that it is a list of texts: what is said of it is then taken for
// one again. Else it returns nil.
func (p *Policy) single(key string, kind otlp.Kind, a *profile.Attribute) *profile.Attribute {
	if kind != otlp.KindArray || !p.public.lists[key] || !a.Values.All() {
		return nil
	}
	out := &profile.Attribute{Present: a.Present, Traces: a.Traces, Values: sketch.NewValues(maxValues + 1)}
	out.Kinds[otlp.KindString] = a.Kinds[otlp.KindArray]
	for _, x := range a.Values.Kept() {
		text, ok := onlyText(x.Text)
		if !ok {
			return nil
		}
		out.Values.AddN(otlp.KindText, []byte(text), x.Count, 0)
		if y, ok := out.Values.Of(sketch.Hash(otlp.KindText, []byte(text))); ok {
			y.Traces = x.Traces
		}
	}
	return out
}

// onlyText returns the text in an ArrayValue, as protobuf, of one value that is a text.
func onlyText(array string) (string, bool) {
	value, ok := field(array)
	if !ok {
		return "", false
	}
	return field(value)
}

// field returns the content of a message that is its first field alone, which has up to 127
// bytes: a longer text is no word.
func field(message string) (string, bool) {
	const first = 1<<3 | 2 // of a length
	if len(message) < 2 || message[0] != first || message[1] > 127 || int(message[1]) != len(message)-2 {
		return "", false
	}
	return message[2:], true
}
