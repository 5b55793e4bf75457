// Package learn writes scenarios of the systems style whose telemetry is like that of a
// profile: a tree grammar, of which each operation is a class of spans with its outcomes
// as variants, and what it calls as the productions of that class.
//
//	model := learn.From(p, policy)
//	for _, f := range model.Files {
//		os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o644)
//	}
//
// What fewer traces have than the policy asks for is not said, and no string of the capture
// that the policy did not give.
package learn
