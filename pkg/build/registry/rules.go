package registry

import (
	"fmt"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// rule is what a registry is held to: its name in reports, and the id under which
// users of Weaver know it.
type rule struct{ name, weaver string }

// The rules.
var (
	ruleForm       = rule{"registry-form", ""}                   // a key, a type, a level that the format does not have
	ruleMissing    = rule{"registry-missing", ""}                // a key that must be there
	ruleDuplicate  = rule{"registry-duplicate", ""}              // one name defined twice
	ruleReference  = rule{"registry-reference", ""}              // what is named is not there
	ruleAttribute  = rule{"attribute-unknown", MissingAttribute} // likewise, an attribute
	ruleCycle      = rule{"registry-cycle", ""}                  // a group that extends itself
	ruleDependency = rule{"registry-dependency", ""}             // a registry that others build on and nobody gave
	ruleOverride   = rule{"registry-override", ""}               // a use that says what it may not
	ruleExample    = rule{"attribute-type", TypeMismatch}        // an example of another type
	ruleType       = rule{"registry-type", TypeMismatch}         // a type other than that of the official registry
	ruleDeprecated = rule{"attribute-deprecated", DeprecatedName}
	ruleStability  = rule{"registry-stability", NotStable}
	ruleFormat     = rule{"registry-name", "invalid_format"}
	ruleNamespace  = rule{"registry-namespace", "missing_namespace"}
	ruleCollision  = rule{"registry-collision", "illegal_namespace"}
	ruleExtends    = rule{"registry-foreign", "extends_namespace"}
)

// fail adds an error under a rule.
func fail(p *input.Problems, r rule, pos input.Pos, format string, args ...any) {
	p.Add(input.Problem{Pos: pos, Text: fmt.Sprintf(format, args...), Rule: r.name, WeaverID: r.weaver})
}

// warn adds a warning under a rule.
func warn(p *input.Problems, r rule, pos input.Pos, format string, args ...any) {
	p.Add(input.Problem{Pos: pos, Text: fmt.Sprintf(format, args...), Rule: r.name, WeaverID: r.weaver, Warning: true})
}
