// Package definitions holds the bundled scenarios as they are embedded in the
// generator, one YAML file each. They are meant to be read: every file explains
// the features that it uses.
package definitions

import "embed"

// FS holds the scenario files, at its top level.
//
//go:embed *.yaml
var FS embed.FS
