// Package privacy decides what files that were learnt from a capture may say. Nothing
// that a capture has in it goes to them but what a Policy returned.
//
//	p, err := privacy.New(privacy.Options{Public: privacy.Bundled()})
//	name, ok := p.Name("GET /orders/{digits}", class.Traces)
//	spec := p.Values("shop.plan", attribute, 0)
//
// What it goes by:
//
//   - A text is said when at least K different traces have it (Options.MinTraces). Texts
//     that are public anyway, such as the members of enumerations of the registries, are
//     said whatever has them.
//   - What looks like an id, an address, a person or a secret (see Form) is not said,
//     however many traces have it, and neither are the values of keys that are for such:
//     they become patterns of their form.
//   - Free text, by its key (see profile.FreeText) or by its look, is not said: other text of its
//     length takes its place.
//   - Values of allowed keys are said as they are, if they are not free text by their key.
//     Denied keys are not said at all. Who denies goes before who allows.
//   - Numbers are said as quantiles without the last thousandth at both ends.
//
// No differential privacy is claimed: counts and quantiles are those of the capture.
package privacy
