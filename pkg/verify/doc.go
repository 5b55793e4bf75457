// Package verify judges the directory of a corpus: its manifest, its files and
// every record in them.
//
//	report, err := verify.Corpus(ctx, dir, verify.Options{Workers: 4})
//	for _, f := range report.Findings() {
//		fmt.Println(f)
//	}
//
// What a corpus is held to: that its files are those of the manifest, byte for
// byte; that each record decodes and is spelt as records are; that ids, times
// and parents fit each other and the seed; that spans, metrics and log records
// keep to the conventions that lie beside them and to each other (package
// conform); that there are no more users and instances than it declares. Rules
// returns all of this, by name.
//
// A forgery that keeps every rule is found with Options.Inputs, which makes the
// corpus again. For that, and for what the seed says of iterations and ids, this
// package imports the generator; nothing of the generator imports it.
package verify
