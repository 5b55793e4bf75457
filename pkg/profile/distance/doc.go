// Package distance says how far two sets of telemetry are apart, by their profiles:
// measures from the shape of traces to the values of attributes, each 0 where both are
// equal, beside what the two halves of the first one differ by themselves.
//
//	r, err := distance.Compare(distance.Side{Name: "capture", Profile: a, Halves: halves}, distance.Side{Name: "corpus", Profile: b})
//	if r.Apart() { ... }
//	err = r.WriteText(w) // or WriteJSON; package page draws it
//
// Most measures are means over operations, keys or the like, weighted by the mean of the
// shares that each has on both sides. What only one side has counts with distance 1.
package distance
