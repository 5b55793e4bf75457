// Package leaks looks whether files that were learnt from a capture, or data made of
// them, have something of it in them that they should not have.
//
//	var out leaks.Outputs
//	err := out.File("model/shop.yaml")
//	result, err := leaks.Test(ctx, capture, &out, leaks.Options{Public: privacy.Bundled()})
//	for _, f := range result.Findings { ... }
//
// All texts of the outputs, and all words in them, that are longer than 4 bytes are
// looked for in the capture: in values of attributes, those within lists and maps too,
// keys, names, messages, states, resources, scopes, events, links, bodies. One that is
// there is a leak, unless it is public anyway or stands in as many traces as are asked
// for, outside of free text and of what is denied, and does not look like an id.
//
// What was decided to be said, and why, is not known here: this is the other opinion.
package leaks
