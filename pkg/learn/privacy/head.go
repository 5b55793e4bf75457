package privacy

import (
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// Head returns how that is said which nearly all values of an attribute begin with, up to their
// last slash, where they are said by their form: as it is, or where they are free text by other
// text of its length. False: they are said otherwise, or it may not be.
func (p *Policy) Head(key string, a *profile.Attribute, head string) (string, bool) {
	s := p.Values(key, a, 0)
	free := p.isFree(key, a)
	switch {
	case head == "" || s.Kind != otlp.KindString || s.How != Pattern && !(free && s.How == Categorical):
		return "", false
	case free:
		return p.neutral(len(head), sketch.Hash(otlp.KindText, []byte(head))), true
	}
	at := strings.LastIndexByte(s.Text, '/') + 1
	if at == 0 || strings.ContainsAny(s.Text[:at], "{}") {
		return "", false
	}
	return s.Text[:at], true
}
