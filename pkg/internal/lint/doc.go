// Package lint is the rules of this tree as a test: which package may import
// which, what generation code must not use, and what a file may look like. It
// has no code of its own; run it with
//
//	go test ./pkg/internal/lint
//
// A rule is a function over one parsed file. Every rule is also run on a planted
// violation, so that none can stop working unnoticed.
package lint
