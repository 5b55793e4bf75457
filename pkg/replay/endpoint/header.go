package endpoint

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// ownHeaders are those that the transports set; another value would make the
// request a lie.
var ownHeaders = []string{
	"connection", "content-encoding", "content-length", "content-type", "host", "te", "trailer", "transfer-encoding", "upgrade",
}

func headers(f Flags, env environment) ([]Header, error) {
	var list []Header
	if value, source, _ := env.lookup("HEADERS"); value != "" {
		var err error
		if list, err = parseList(value); err != nil {
			return nil, fmt.Errorf("%s: %w", source, err)
		}
	}
	for i, v := range f.Headers {
		key, value, found := strings.Cut(v, "=")
		if !found {
			return nil, fmt.Errorf("--header: number %d has no =: want K=V", i+1)
		}
		h, err := newHeader(key, value)
		if err != nil {
			return nil, fmt.Errorf("--header: number %d: %w", i+1, err)
		}
		list = set(list, h)
	}
	slices.SortFunc(list, func(a, b Header) int { return strings.Compare(a.Key, b.Key) })
	return list, nil
}

// parseList reads key1=value1,key2=value2 in the format of W3C baggage without
// its properties: spaces around keys and values do not count, values are
// percent-encoded ("+" is a plus), and of two equal keys the last counts.
//
// Errors count the members and show none: a value with a comma or a blank, which
// should have been encoded, is a secret in places where keys are expected.
func parseList(s string) ([]Header, error) {
	var list []Header
	n := 0
	for member := range strings.SplitSeq(s, ",") {
		member = strings.Trim(member, " \t")
		if member == "" {
			continue
		}
		n++
		key, value, found := strings.Cut(member, "=")
		if !found {
			return nil, fmt.Errorf("header number %d has no =: want key=value, with commas in values as %%2C", n)
		}
		value, err := url.PathUnescape(strings.Trim(value, " \t"))
		if err != nil {
			return nil, fmt.Errorf("header number %d: the value is not percent-encoded well", n)
		}
		h, err := newHeader(key, value)
		if err != nil {
			return nil, fmt.Errorf("header number %d: %w", n, err)
		}
		list = set(list, h)
	}
	return list, nil
}

// newHeader checks that a header can be sent by HTTP and by gRPC. Errors show
// neither key nor value, unless the key is one of the protocol's.
func newHeader(key, value string) (Header, error) {
	key = strings.ToLower(strings.Trim(key, " \t"))
	value = strings.Trim(value, " \t")
	if key == "" || strings.ContainsFunc(key, func(r rune) bool { return !tokenChar(r) }) {
		return Header{}, errors.New("what stands before = is not a header name: letters, digits, - _ and . make one")
	}
	if slices.Contains(ownHeaders, key) {
		return Header{}, fmt.Errorf("%s is set by the protocol", key)
	}
	if strings.HasPrefix(key, "grpc-") {
		return Header{}, errors.New("headers that begin with grpc- are set by the protocol")
	}
	for _, c := range []byte(value) {
		if c < ' ' && c != '\t' || c > '~' {
			return Header{}, errors.New("the value has characters that a header cannot carry")
		}
	}
	return Header{key, value}, nil
}

// tokenChar reports whether r may be in a header name that both HTTP and gRPC
// accept.
func tokenChar(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.'
}

// set adds h to list, or replaces the header of that name.
func set(list []Header, h Header) []Header {
	for i := range list {
		if list[i].Key == h.Key {
			list[i] = h
			return list
		}
	}
	return append(list, h)
}
