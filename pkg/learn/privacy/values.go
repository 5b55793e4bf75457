package privacy

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// maxValues bounds the values that are said one by one.
const maxValues = 200

// fewInts is how many different integers are values still; more are quantiles.
const fewInts = 32

// Values returns what may be said of the values of an attribute. draws is how often a
// value was drawn: 0 where each thing that has it draws its own, and a.Traces where all
// of a trace have the same; fewer where several traces have the same one.
func (p *Policy) Values(key string, a *profile.Attribute, draws uint64) Spec {
	kind, mixed := kindOf(a)
	if list := p.single(key, kind, a); list != nil {
		a, kind = list, otlp.KindString
	}
	s := Spec{Kind: kind, Traces: a.Traces}
	switch {
	case p.Denied(key):
		s.Reason = "denied"
	case a.Present == 0:
		s.Reason = "not there"
	case mixed:
		s.Reason = "values of several types"
	case !p.Enough(a.Traces) && !p.Allowed(key):
		s.Reason = "too few traces"
	case kind == otlp.KindBool:
		p.bools(&s, a, draws)
	case kind == otlp.KindInt || kind == otlp.KindDouble:
		p.numbers(&s, key, a, draws)
	case kind != otlp.KindString:
		s.Reason = "neither text nor number"
	case p.isFree(key, a):
		p.free(&s, a, draws)
	default:
		p.texts(&s, key, a, draws)
	}
	return s
}

// isFree reports whether values are text that was written in words.
func (p *Policy) isFree(key string, a *profile.Attribute) bool {
	return profile.FreeText(key) || !p.Allowed(key) && profile.MostLookFree(a.Values)
}

// kindOf returns the type of the values; mixed: those that are of it are not nearly all.
func kindOf(a *profile.Attribute) (kind otlp.Kind, mixed bool) {
	var most, all uint64
	for k, n := range a.Kinds {
		as := otlp.Kind(k)
		if as == otlp.KindText {
			as = otlp.KindString
		}
		if n > most {
			kind, most = as, n
		}
		all += n
	}
	if text := a.Kinds[otlp.KindString] + a.Kinds[otlp.KindText]; text >= most {
		kind, most = otlp.KindString, text
	}
	return kind, float64(most) < float64(0.9*float64(all))
}

// weight returns how much a value counts.
func weight(x *sketch.Value, a *profile.Attribute, draws uint64) uint64 {
	if draws == 0 || draws >= a.Present || x.Traces == 0 {
		return x.Count
	}
	return x.Traces
}

func (p *Policy) bools(s *Spec, a *profile.Attribute, draws uint64) {
	for _, x := range a.Values.Kept() {
		if x.Text == "true" || x.Text == "false" {
			s.Values = append(s.Values, Value{x.Text, weight(x, a, draws)})
		}
	}
	s.settle()
}

// settle makes a constant of one value, and sorts several.
func (s *Spec) settle() {
	slices.SortFunc(s.Values, func(a, b Value) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), strings.Compare(a.Text, b.Text))
	})
	switch len(s.Values) {
	case 0:
		s.How = Left
		s.Reason = cmp.Or(s.Reason, "too few traces")
	case 1:
		s.How = Constant
	default:
		s.How = Categorical
	}
}

// sayable reports whether a value may be said as it is.
func (p *Policy) sayable(key string, x *sketch.Value, allowed, secret bool) bool {
	if allowed || p.public.Has(x.Text) {
		return len(x.Text) < sketch.MaxText
	}
	if isCode(key, x.Text) {
		return p.Enough(x.Traces)
	}
	return !secret && p.Enough(x.Traces) && (!profile.LooksFree(x.Text) || listsWords(x.Text)) && FormOf(x.Text) == None && !(addresses(key) && FormOfAddress(x.Text) != None)
}

// listsWords reports whether a text is a list of words in JSON, as ["plan","call_tool"], however
// long it is. It is no free text then.
func listsWords(text string) bool {
	var words []string
	if !strings.HasPrefix(text, "[\"") || len(text) >= sketch.MaxText || json.Unmarshal([]byte(text), &words) != nil {
		return false
	}
	return !slices.ContainsFunc(words, func(w string) bool {
		return w == "" || profile.LooksFree(w) || strings.ContainsFunc(w, func(r rune) bool { return !wordy(r) && r != '_' && r != '-' && r != '.' })
	})
}

// Value returns how a text that is a value of a key, which so many traces have, is said; false:
// it may not be.
func (p *Policy) Value(key, text string, traces uint64) (string, bool) {
	allowed := p.Allowed(key)
	x := &sketch.Value{Text: text, Traces: traces}
	if p.Denied(key) || text == "" || !allowed && profile.FreeText(key) || !p.sayable(key, x, allowed, SecretKey(key)) {
		return "", false
	}
	return p.rename(text), true
}

// texts says values that are texts.
func (p *Policy) texts(s *Spec, key string, a *profile.Attribute, draws uint64) {
	kept, allowed, secret := a.Values.Kept(), p.Allowed(key), SecretKey(key)
	var hidden []*sketch.Value
	var open, closed uint64
	for _, x := range kept {
		if w := weight(x, a, draws); p.sayable(key, x, allowed, secret) {
			s.Values = append(s.Values, Value{x.Text, w})
			open += w
		} else {
			hidden = append(hidden, x)
			closed += w
		}
	}
	if len(hidden) > 0 && a.Values.All() && len(kept) < manyAlike && p.standIns(s, hidden, a, draws) {
		s.settle()
		return
	}
	if !a.Values.All() || len(kept) > maxValues || closed > open || len(s.Values) == 0 || !allowed && !slices.Contains(codeKeys, key) && alikeButForDigits(kept) {
		s.Values = nil
		p.pattern(s, a, draws)
		return
	}
	for i := range s.Values {
		s.Values[i].Text = p.rename(s.Values[i].Text)
	}
	n := 0
	for _, x := range hidden {
		w := weight(x, a, draws)
		for n++; slices.ContainsFunc(s.Values, func(v Value) bool { return v.Text == other+strconv.Itoa(n) }); {
			n++ // a capture of what was learnt has such values
		}
		s.Values = append(s.Values, Value{other + strconv.Itoa(n), w})
		s.Other += w
	}
	if s.Other > 0 {
		s.Reason = strconv.Itoa(len(hidden)) + " values that may not be said"
	}
	s.settle()
}

// manyAlike is from how many values on those are ids that differ in words with digits only.
const manyAlike = 20

// alikeButForDigits reports whether values are many, and at least half of them are the same as
// others but for words with digits in them, as it-4f8e21 and it-77b0c3 are.
func alikeButForDigits(values []*sketch.Value) bool {
	if len(values) < manyAlike {
		return false
	}
	rests := make(map[string]bool)
	for _, x := range values {
		rest := x.Text
		eachWord(x.Text, func(w string) {
			if strings.ContainsAny(w, digits) {
				rest = strings.Replace(rest, w, "0", 1)
			}
		})
		rests[rest] = true
	}
	return 2*len(rests) <= len(values)
}
