package dist

// Do NOT change these values. Corpora depend on them: a seed must give
// the same telemetry in every version. A new distribution gets
// new rows; a row that no longer holds is a bug, or a new build.Revision with
// the reason in its commit.

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"slices"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/rng"
)

// frozenTables have, of each table in millionths, the head of the SHA-256 of
// its canonical form, and its first draws.
var frozenTables = []struct {
	name   string
	spec   Spec
	digest string
	draws  []int64
}{
	{"constant", Spec{Kind: Constant, Value: 2.5}, "07c2dfcfd41b3514", []int64{2500000, 2500000, 2500000, 2500000}},
	{"normal", Spec{Kind: Normal, Mean: 100, Stddev: 15}, "87f571ce73d925d8", []int64{126714797, 138969593, 120943799, 113269731}},
	{"log-normal by median", Spec{Kind: LogNormal, Median: 8000, Sigma: 0.6}, "575e430e8a02c93c", []int64{9456962282, 7048643644, 10267608290, 6320904444}},
	{"log-normal by mean", Spec{Kind: LogNormal, Mean: 1500, CV: 0.3}, "bb91615af674c6a1", []int64{1097804349, 2122625162, 1074046339, 1479025762}},
	{"exponential", Spec{Kind: Exponential, Mean: 40}, "d0662c78e055d02f", []int64{10035885, 8312286, 2229863, 42240203}},
	{"uniform", Spec{Kind: Uniform, Low: -5, High: 25}, "44ca71f3cd27e8ad", []int64{19600719, 11866380, 23820741, 9519838}},
	{"poisson", Spec{Kind: Poisson, Mean: 4}, "22bcf0ec16f71bb5", []int64{9000000, 5000000, 2000000, 5000000}},
	{"smooth poisson", Spec{Kind: Poisson, Mean: 1e5}, "7027afdee4339d80", []int64{99047000000, 99497000000, 99896000000, 99811000000}},
	{"geometric", Spec{Kind: Geometric, P: 0.3}, "2db1c10e4285b2ad", []int64{3000000, 1000000, 1000000, 1000000}},
	{"smooth geometric", Spec{Kind: Geometric, P: 0.001}, "0985ca18ad918b03", []int64{385000000, 592000000, 331000000, 1105000000}},
	{"bernoulli", Spec{Kind: Bernoulli, P: 0.05}, "8a9bc4e92737cc04", []int64{0, 0, 0, 0}},
	{"mixture", Spec{Kind: Mixture, Components: []Spec{
		{Kind: LogNormal, Median: 100, Sigma: 0.3, Weight: 0.95},
		{Kind: Uniform, Low: 1000, High: 2000, Weight: 0.05},
	}}, "364fc49144cc4e8a", []int64{74727265, 59686238, 88505663, 72743731}},
	{"pareto", Spec{Kind: Pareto, Value: 20, Alpha: 1.6}, "c7337bb441472f83", []int64{42737451, 34326572, 33158334, 35952290}},
	{"pareto with an end", Spec{Kind: Pareto, Value: 20, Alpha: 1.6, High: 900}, "9ad96e4c62eba417", []int64{23757843, 165574060, 27573661, 72968502}},
	{"empirical", Spec{Kind: Empirical, Quantiles: []float64{-1, 4, 4, 9.5, 120}}, "14b9d8d60addb787", []int64{4250333, 48470582, 8020644, 5432755}},
	{"empirical at shares", Spec{Kind: Empirical, Quantiles: []float64{-1, 4, 4, 9.5, 120}, At: []float64{0, 1e-9, 0.5, 0.99, 1}}, "c1421b8e354aa491", []int64{4000000, 4122349, 4000000, 46502321}},
}

func TestTablesAreFrozen(t *testing.T) {
	for i, c := range frozenTables {
		table := mustCompile(t, c.spec, 1e6)
		checkFrozen(t, c.name, uint64(i), table, c.digest, c.draws)
	}
}

func checkFrozen(t *testing.T, name string, stream uint64, table *Table, digest string, draws []int64) {
	t.Helper()
	h := sha256.Sum256(table.AppendCanonical(nil))
	if got := hex.EncodeToString(h[:8]); got != digest {
		t.Errorf("%s: digest %q, want %q", name, got, digest)
	}
	s := rng.New(42).For(rng.Latency).Index(stream).Stream()
	got := make([]int64, 4)
	for i := range got {
		got[i] = table.Draw(&s)
	}
	if !slices.Equal(got, draws) {
		t.Errorf("%s: draws %v, want %v", name, got, draws)
	}
}

// The pick table alone decides which scenario an iteration runs.
func TestPickTableIsFrozen(t *testing.T) {
	table := PickTable()
	checkFrozen(t, "pick", 1000, table, "ff0a87ff3b019438", []int64{934202180, 9847968320, 11457805881, 6465889661})
	for _, c := range []struct {
		word uint64
		want int64
	}{
		{0, 1}, // the floor
		{1 << 32, 1},
		{1 << 50, 262152},
		{1 << 62, 1235585093},
		{1 << 63, 2977044472},
		{3 << 62, 5954088944},
		{math.MaxUint64, 98242467570},
	} {
		if got := table.at(c.word); got != c.want {
			t.Errorf("word %#x: got %d, want %d", c.word, got, c.want)
		}
	}
}

func TestChoicesAndProbabilitiesAreFrozen(t *testing.T) {
	c, err := NewChoice([]float64{70, 0, 20, 10, 0.1})
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.Sum256(c.AppendCanonical(nil))
	if got, want := hex.EncodeToString(h[:8]), "c18648fe94277df8"; got != want {
		t.Errorf("choice: digest %q, want %q", got, want)
	}
	p, err := NewProbability(0.05)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.below, uint64(0xccccccccccccd00); got != want {
		t.Errorf("probability 0.05: %#x, want %#x", got, want)
	}
}
