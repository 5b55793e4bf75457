// Package page draws what a check found as one HTML page: no script, no network,
// every style and picture inside it.
//
//	p := page.Page{Result: result, Corpus: "corpus", Program: "otelsim-replay 1.0"}
//	err := p.Write(w)
//
// It shows what flowed from the corpus to the outputs and what became of it on
// the way, when in the run items were lost and of whom, each finding with its
// values before and after, and how long items were under way. Pictures are drawn
// for wide windows and for narrow ones. Its size is bounded, since that of a
// judge.Result is.
package page
