// Package profile says what telemetry is like: traces by shape, operations with their
// durations, errors and attributes, what they do one after the other and side by side,
// resources, sessions, metrics and log records, and when things happen.
//
//	in, err := intake.Open(paths, intake.Options{})
//	p, err := profile.Read(ctx, in, profile.Options{}, 2)
//
// A Profile comes of one pass over the data in bounded memory, does not depend on the
// order in which that comes, and merges with others.
package profile
