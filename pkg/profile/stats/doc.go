// Package stats says what is in data, from its profile.Profile: how much of what,
// who calls whom, how long it takes, what fails and where that begins, how many
// values each attribute has, what the input was broken in.
//
//	r := stats.Of(p)
//	err := r.WriteText(w, stats.Top) // or WriteJSON, or page.Write
//
// A Report is finished: it is sorted, and texts of the data are cleaned in it. It says
// values of attributes only where there are few and none is rare.
package stats
