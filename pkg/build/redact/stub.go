package redact

func Basic(s string) string  { return s }
func Strict(s string) string { return s }
