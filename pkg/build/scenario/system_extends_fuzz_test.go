package scenario

import (
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// FuzzParseExtended: whatever two files say that may be laid over each other, problems
// are of one of them, and what has none keeps the promises of System.
func FuzzParseExtended(f *testing.F) {
	f.Add(base, "extends: base\nservices: {web: {operations: {GET /: {own: }}}}\n")
	f.Add(base, "extends: base\nservices: {web: , db: }\nsession: \n")
	f.Add("extends: own\n", "extends: under\n")
	f.Add("name: base\nservices: {web: {x: 1}}\nsession: [web.GET /]\n", "extends: base\n") // the same mistake twice
	f.Add(everything(f), "extends: shop\nvalues: {user: 1}\nphases: [{name: a, error_rate: 1}]\n")
	f.Fuzz(func(t *testing.T, under, own string) {
		var p input.Problems
		out := Parse([]input.File{{Name: "under.yaml", Data: []byte(under)}, {Name: "own.yaml", Data: []byte(own)}}, nil, ParseOptions{}, &p)
		for _, problem := range p.All() {
			if file := problem.Pos.File; file != "under.yaml" && file != "own.yaml" {
				t.Errorf("a problem of %q: %s", file, problem)
			}
		}
		for i := range out {
			if p.Errors() == 0 && out[i].System != nil {
				checkSystem(t, out[i].System)
			}
		}
	})
}
