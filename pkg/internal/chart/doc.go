// Package chart draws charts as SVG, for pages that need neither a script nor the
// network, and writes numbers in the form in which they stand on axes.
//
//	for _, size := range chart.Sizes {
//		x, clock := chart.TimeAxis(length, size)
//		c := chart.New(size, x, chart.CountAxis(most))
//		c.Steps("sent", segments, true)
//		picture := c.Finish("Rate over time")
//	}
//
// Each chart is drawn in every size, and the style sheet shows the one that fits
// the window: the text of a picture that is merely scaled down cannot be read.
package chart
