// Package waterfall draws a session as one HTML page: each trace as a tree of
// spans beside their times, logs in place, everything else behind a click, and
// a search over all of it. The page needs no network, and without its script
// only the search is missing.
//
// It draws what is there, however broken, as the text of package corpus does:
// spans whose parent is missing, or that are their own ancestors, stand at the
// top level and say so.
package waterfall
