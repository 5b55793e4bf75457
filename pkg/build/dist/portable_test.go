package dist

import (
	"math"
	"math/rand/v2"
	"testing"
)

// ulps returns how many representable numbers lie between a and b, both of one
// sign.
func ulps(a, b float64) int64 {
	d := int64(math.Float64bits(a)) - int64(math.Float64bits(b))
	return max(d, -d)
}

// checkUlps compares got with the function of package math, which is itself
// off by up to 1.
func checkUlps(t *testing.T, name string, x, got, want float64) {
	t.Helper()
	if d := ulps(got, want); d > 2 {
		t.Errorf("%s(%v) = %v, want %v: %d ulps off", name, x, got, want, d)
	}
}

func TestLnMatchesMath(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 200_000 {
		x := math.Ldexp(1+r.Float64(), r.IntN(2040)-1020)
		checkUlps(t, "ln", x, ln(x), math.Log(x))
		x = 1 + (r.Float64()-0.5)*math.Ldexp(1, -r.IntN(50)) // where digits cancel
		if x != 1 {
			checkUlps(t, "ln", x, ln(x), math.Log(x))
		}
		x = r.Float64()*0x1p-30 + 0x1p-64 // probabilities of tails
		checkUlps(t, "ln", x, ln(x), math.Log(x))
	}
	if got := ln(1); got != 0 {
		t.Errorf("ln(1) = %v, want 0", got)
	}
}

func TestExpMatchesMath(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	for range 200_000 {
		x := (r.Float64() - 0.5) * 1400
		checkUlps(t, "exp", x, exp(x), math.Exp(x))
		x = (r.Float64() - 0.5) * math.Ldexp(1, -r.IntN(40))
		checkUlps(t, "exp", x, exp(x), math.Exp(x))
	}
	for _, c := range []struct{ x, want float64 }{{0, 1}, {701, math.Inf(1)}, {-701, 0}} {
		if got := exp(c.x); got != c.want {
			t.Errorf("exp(%v) = %v, want %v", c.x, got, c.want)
		}
	}
}

// TestNormalQuantileInvertsErfc goes the other way: the probability below the
// quantile must be the one that was asked for. A relative error e of z changes
// the probability by about z^2 e, so the tolerance grows with z^2.
func TestNormalQuantileInvertsErfc(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	for range 200_000 {
		p := math.Ldexp(1+r.Float64(), -2-r.IntN(40))
		z := lowerNormal(p)
		back := math.Erfc(-z/math.Sqrt2) / 2
		tolerance := 8 * 0x1p-52 * (2 + z*z)
		if rel := math.Abs(back/p - 1); !(rel <= tolerance) {
			t.Fatalf("lowerNormal(%v) = %v, which has probability %v: relative error %.2g, want at most %.2g", p, z, back, rel, tolerance)
		}
	}
	for _, c := range []struct{ p, want float64 }{ // printed in the paper, to its digits
		{0.25, -0.6744897501960817},
		{0.001, -3.090232306167814},
		{1e-20, -9.262340089798408},
	} {
		if got := lowerNormal(c.p); math.Abs(got/c.want-1) > 1e-15 {
			t.Errorf("lowerNormal(%v) = %v, want %v", c.p, got, c.want)
		}
	}
}

// The bits of these results are part of every frozen table.
func TestPortableFunctionsAreFrozen(t *testing.T) {
	for _, c := range []struct {
		name string
		got  float64
		want uint64
	}{
		{"ln 3", ln(3), 0x3ff193ea7aad030a},
		{"ln 2^-33", ln(0x1p-33), 0xc036dfb516f20bbf},
		{"exp 0.6", exp(0.6), 0x3ffd27660b11a9ef},
		{"exp -20.5", exp(-20.5), 0x3e157a3afeed00ab},
		{"normal quantile of 2^-32", lowerNormal(0x1p-32), 0xc018ebc95048f108},
	} {
		if got := math.Float64bits(c.got); got != c.want {
			t.Errorf("%s = %#x, want %#x", c.name, got, c.want)
		}
	}
}
