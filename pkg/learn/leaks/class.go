package leaks

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
)

// classOf returns what values of a key are.
func classOf(key string, o *Options) class {
	k := strings.ToLower(hump.ReplaceAllString(key, "${1}${3}_${2}${4}"))
	switch {
	case listed(o.Deny, key):
		return denied
	case freeKey.MatchString(k):
		return free
	case listed(o.Allow, key):
		return allowed
	case secretKey.MatchString(k):
		return secret
	}
	return open
}

// hump is where a word ends in keys that tell words apart by capitals alone: userId.
var hump = regexp.MustCompile(`([\pL\pN])(\p{Lu}\p{Ll})|([\p{Ll}\pN])(\p{Lu})`)

func listed(list []string, key string) bool {
	return slices.ContainsFunc(list, func(k string) bool {
		start, any := strings.CutSuffix(k, "*")
		return any && strings.HasPrefix(key, start) || k == key
	})
}

// freeKey matches keys of what people and programs write in words, secretKey those of
// people, sessions, machines and secrets.
var (
	freeKey = regexp.MustCompile(`(^|[._-])(messages?|statement|stacktrace|prompts?|completions?|contents?|body|description|reason|explanation|comment|instructions|arguments|payload|sql)$` +
		`|^(url\.(full|query)|http\.(url|target|user_agent)|user_agent\.original|db\.query\.text|process\.command(_line|_args)?)$|^http\.(request|response)\.header\.|^gen_ai\.(prompt|completion)\.`)
	secretKey = regexp.MustCompile(`(^|[._-])(email|phone|password|passwd|secret|token|apikey|authorization|cookie|credentials?|ssn|iban|username|uuid|guid)([._-]|$)` +
		`|(^|[._-])(session|user|enduser|conversation|trace|span|correlation|customer|account|patient|employee)[._]id$` +
		`|^(enduser|user)\.(id|name|full_name|hash)$|^service\.instance\.id$|^host\.(id|name|ip|mac)$|^container\.(id|name)$|^k8s\.(pod|node)\.(name|uid)$` +
		`|^(client|network\.peer|source)\.address$|^net\.(peer\.ip|sock\.peer\.addr)$|^http\.client_ip$`)
)

// written reports whether a value looks like text that was written in words. A list of single
// words is none, however long it is.
func written(s []byte) bool {
	return (len(s) > 64 || len(bytes.Fields(s)) >= 3) && !wordList.Match(s)
}

var wordList = regexp.MustCompile(`^\["[\w.-]{1,64}"(,"[\w.-]{1,64}")*\]$`)

// identity matches what no number of traces makes public: mail addresses, UUIDs, hex
// digits and digits of some length, addresses of networks, home folders, keys.
var identity = regexp.MustCompile(`[^\s@]+@[\pL\pN-]+(\.[\pL\pN-]+)+|(?i:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})|\d{8,}|\b\d{1,3}(\.\d{1,3}){3}\b|(?i:(/home/|/users/|\\users\\)[^/\\\s]+)` +
	`|\beyJ[\w-]{8,}|\b(AKIA|ghp_|sk-|xox[abp]-)\w{6,}`)

var hexWord = regexp.MustCompile(`\b[0-9a-f]{8,}\b`)

// identifies reports whether a text is of such a form.
func identifies(s string) bool {
	if identity.MatchString(s) {
		return true
	}
	return slices.ContainsFunc(hexWord.FindAllString(s, -1), func(w string) bool { return strings.ContainsAny(w, "0123456789") })
}
