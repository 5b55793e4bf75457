// Package sketch holds counts of bounded size of things that come in any order: each
// is a function of the multiset of what was added, and two merge to that of both.
//
//	var d sketch.Numbers
//	d.Add(1200)
//	p99 := d.Quantile(0.99)
//
// The zero value of each is empty and ready, but for Values and Windows, which New
// functions make with their caps.
package sketch
