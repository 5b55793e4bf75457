package rules

var examples = []string{"duplicates: allow"}
