package dist

import "math"

// The functions of package math differ in the last bit between architectures,
// and math.Exp even between two amd64 processors. These are the same
// algorithms in plain operations. A compiler may fuse x*y + z into one
// rounding where the hardware can; an explicit conversion of the product
// forbids it (Go specification, "Floating-point operators"), hence the
// float64(...) around every product that is added to something, or converted:
// some targets convert to uint64 with a subtraction. Division, addition and
// math.Sqrt are correctly rounded everywhere.

// ln2 split in two, the high part with zeros at its end so that multiples of
// it by an exponent are exact.
const (
	ln2High = 6.93147180369123816490e-01
	ln2Low  = 1.90821492927058770002e-10
)

// ln returns the natural logarithm of a positive, finite, normal x within 1
// ulp. The method is that of FreeBSD's e_log.c (Copyright 1993 Sun
// Microsystems, freely granted): x = 2^k (1+f) with 1+f near 1, and
// ln(1+f) from a polynomial in s = f/(2+f).
func ln(x float64) float64 {
	const (
		l1 = 6.666666666666735130e-01
		l2 = 3.999999999940941908e-01
		l3 = 2.857142874366239149e-01
		l4 = 2.222219843214978396e-01
		l5 = 1.818357216161805012e-01
		l6 = 1.531383769920937332e-01
		l7 = 1.479819860511658591e-01
	)
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m *= 2
		e--
	}
	f := m - 1
	k := float64(e)

	s := f / (2 + f)
	s2 := float64(s * s)
	s4 := float64(s2 * s2)
	t1 := float64(s2 * (l1 + float64(s4*(l3+float64(s4*(l5+float64(s4*l7)))))))
	t2 := float64(s4 * (l2 + float64(s4*(l4+float64(s4*l6)))))
	r := t1 + t2
	half := float64(float64(0.5*f) * f)
	low := float64(s*(half+r)) + float64(k*ln2Low)
	return float64(k*ln2High) - ((half - low) - f)
}

// exp returns e to the power x within 1 ulp for |x| <= 700, 0 below and
// infinity above. The method is that of FreeBSD's e_exp.c (Copyright 2004 Sun
// Microsystems, freely granted): x = k ln 2 + r, and e^r from a rational
// function of r.
func exp(x float64) float64 {
	const (
		p1 = 1.66666666666666657415e-01
		p2 = -2.77777777770155933842e-03
		p3 = 6.61375632143793436117e-05
		p4 = -1.65339022054652515390e-06
		p5 = 4.13813679705723846039e-08
	)
	switch {
	case x > 700:
		return math.Inf(1)
	case x < -700:
		return 0
	}
	k := math.Floor(float64(x*(1/math.Ln2)) + 0.5)
	high := x - float64(k*ln2High)
	low := float64(k * ln2Low)
	r := high - low
	t := float64(r * r)
	c := r - float64(t*(p1+float64(t*(p2+float64(t*(p3+float64(t*(p4+float64(t*p5)))))))))
	y := 1 - ((low - float64(r*c)/(2-c)) - high)
	return math.Ldexp(y, int(k))
}

// lowerNormal returns z <= 0 with P(Z <= z) = p for a standard normal Z and
// 0 < p <= 1/2, to about 1 part in 10^16. It is algorithm AS 241, PPND16
// (M. J. Wichura, "The Percentage Points of the Normal Distribution", Applied
// Statistics 37, 1988): three ratios of polynomials of degree 7.
func lowerNormal(p float64) float64 {
	q := 0.5 - p
	if q <= 0.425 {
		r := 0.180625 - float64(q*q)
		return -float64(q * centre.at(r))
	}
	r := math.Sqrt(-ln(p))
	if r <= 5 {
		return -middle.at(r - 1.6)
	}
	return -far.at(r - 5)
}

// ratio is a ratio of two polynomials, constant terms first.
type ratio struct{ num, den [8]float64 }

func (c *ratio) at(x float64) float64 {
	n, d := c.num[7], c.den[7]
	for i := 6; i >= 0; i-- {
		n = float64(n*x) + c.num[i]
		d = float64(d*x) + c.den[i]
	}
	return n / d
}

// The coefficients of AS 241, by the range they serve.
var (
	centre = ratio{
		[8]float64{3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
			4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3},
		[8]float64{1, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
			2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3},
	}
	middle = ratio{
		[8]float64{1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
			1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4},
		[8]float64{1, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
			1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9},
	}
	far = ratio{
		[8]float64{6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
			2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7},
		[8]float64{1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
			7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15},
	}
)
