// Package show makes a session readable: as text in a terminal, and as one HTML
// page with each trace as a tree of spans beside their times, logs in place,
// everything else behind a click, and a search over all of it.
//
//	s := show.NewSession(seed, iteration, scenario, prefix)
//	s.AddTraces(t) // every record that may hold some of it
//	s.AddLogs(l)
//	text, err := s.AppendText(nil, false)
//	err = s.WritePage(w)
//
// Both print the rows of one tree, in its order. It holds what is there, however
// broken: spans whose parent is missing, or that are their own ancestors, stand
// at the top level and say so. The page needs no network, and without its
// script only the search is missing.
package show
