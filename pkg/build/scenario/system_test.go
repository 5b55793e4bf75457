package scenario

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// hello is a system of three services, as somebody begins one.
const hello = `name: hello
services:
  web:
    operations:
      GET /items: {calls: [api.ListItems]}
  api:
    protocol: grpc
    operations:
      ListItems: {latency: 20, error: 2%, calls: [db.SELECT items]}
  db:
    protocol: db
    operations:
      SELECT items: {latency: 5ms}
`

func TestASmallSystem(t *testing.T) {
	d, got := parse(t, hello)
	checkLines(t, got)
	s := d.System
	if s == nil || len(s.Services) != 3 {
		t.Fatalf("got %+v, want three services", s)
	}
	api, db := &s.Services[1], &s.Services[2]
	list := &api.Operations[0]
	for _, row := range []struct {
		what      string
		got, want any
	}{
		{"session", fmt.Sprint(len(s.Session), s.Session[0].To), "1 [{0 0}]"},
		{"call", fmt.Sprint(s.Services[0].Operations[0].Calls[0].To), "[{1 0}]"},
		{"call of a name with a space", fmt.Sprint(list.Calls[0].To), "[{2 0}]"},
		{"network", list.Calls[0].Network.Mean, 1.0},
		{"own time where nothing is said", fmt.Sprint(s.Services[0].Operations[0].Own, s.Services[0].Operations[0].Latency.Mean), "true 5"},
		{"time", fmt.Sprint(list.Own, list.Latency.Mean), "false 20"},
		{"time with a unit", db.Operations[0].Latency.Mean, 5.0},
		{"error", fmt.Sprint(list.Error.Rate, list.Error.Types), "0.02 [INTERNAL]"},
		{"protocols", fmt.Sprint(s.Services[0].Protocol, api.Protocol, db.Protocol), "0 1 2"},
		{"systems", fmt.Sprintf("%q %q %q", s.Services[0].System, api.System, db.System), `"" "grpc" "postgresql"`},
		{"ports", fmt.Sprint(s.Services[0].Port, api.Port, db.Port), "8080 50051 5432"},
		{"address", db.Address, "db"},
		{"scope", api.Scope, "otelsim/api"},
		{"kinds", fmt.Sprint(s.Services[0].Operations[0].Kind, list.Kind, db.Operations[0].Kind), "2 2 3"},
	} {
		if row.got != row.want {
			t.Errorf("%s: got %v, want %v", row.what, row.got, row.want)
		}
	}
}

// everything is a system in which every key of systems is.
func everything(t testing.TB) string { return string(file(t, "systems/shop.yaml").Data) }

func TestASystemWithEverythingHasNoProblem(t *testing.T) {
	_, got := parse(t, everything(t))
	checkLines(t, got)
}

const visitors = `
name: visitors
in_step: 30%
sessions:
  - {weight: 3, requests: [web.GET /, {call: web.GET /, probability: 0.5}, {one_of: [web.GET /], continues: true, linked: true}], description: look around}
  - {requests: web.GET /}
values: {size: {distribution: categorical, values: {s: 3, l: 1}, per: span}, plan: [free, paid]}
services:
  web: {operations: {GET /: {attributes: {size: {use: size, is: [{when: {plan: free}, words: s}]}}, calls: [{call: web.find, retry: {success_rate_per_attempt: [0.5], failed_variants: gone}}]}, find: {protocol: none, lead: 60%, variants: {found: , gone: {error: 1}}}}}
`

func TestSessionsOfSeveralKinds(t *testing.T) {
	d, got := parse(t, visitors)
	checkLines(t, got)
	if s := d.System; len(s.Session) != 4 || len(s.Sessions) != 2 || s.Sessions[0].Requests != 3 || !s.Session[2].Continues || !s.Session[2].Linked || s.Session[3].Linked || s.Sessions[0].Weight != 3 {
		t.Errorf("got %+v", s.Sessions)
	}
	for text, want := range map[string]string{
		"in_step: 2":              "in_step: 2 is not between 0 and 1",
		"sessions: [{weight: 1}]": "requests: missing",
		"sessions: [{requests: web.GET /, weight: 0}]":          "weight above 0",
		"sessions: [{requests: []}]":                            "no requests",
		"session: {call: web.GET /, linked: true}":              "has none before it",
		"session: {call: web.GET /, continues: true}":           "has none before it",
		"session: {call: web.GET /, linked: true, count: 2}":    "",
		"session: {call: web.GET /, continues: true, count: 2}": "has none before it",
		"session: web.GET /\nsessions: [{requests: web.GET /}]": "beside sessions",
	} {
		if _, got := parse(t, "name: a\n"+text+"\nservices: {web: {operations: {GET /: }}}\n"); !strings.Contains(strings.Join(got, "\n"), want) || want == "" && len(got) > 0 {
			t.Errorf("%s: got %v", text, got)
		}
	}
}

// Every key of every level is used in the system with everything, so that none is
// read for the first time by a user.
func TestASystemWithEverythingHasEveryKey(t *testing.T) {
	source, err := os.ReadFile("system_keys.go")
	if err != nil {
		t.Fatal(err)
	}
	lists := regexp.MustCompile(`(?m)^\t(\w+Keys)\s+= (.*(?:\n\t\t.*)*)`).FindAllStringSubmatch(string(source), -1)
	if len(lists) < 15 {
		t.Fatalf("got %d lists of keys", len(lists))
	}
	text := everything(t) + helpdesk + visitors
	for _, list := range lists {
		for _, key := range regexp.MustCompile(`"(\w+)"`).FindAllStringSubmatch(list[2], -1) {
			if key[1] == "extends" {
				continue // what is laid over another has the keys of that
			}
			if !regexp.MustCompile(`(?m)(^|[ {])` + key[1] + `:( |$)`).MatchString(text) {
				t.Errorf("%s: %s is not used", list[1], key[1])
			}
		}
	}
}

// TestTextsOfPatterns are counted by what their random parts are made of: digits, or
// letters of both cases and digits.
func TestTextsOfPatterns(t *testing.T) {
	for text, want := range map[string]int64{"a-{digits:2}": 100, "{hex:2}": 256, "{word:1}": 62, "{word:2}x{digits:1}": 38440, "{uuid}": MaxTexts, "{word:64}": MaxTexts} {
		if got := (&Pattern{Text: text}).Texts(); got != want {
			t.Errorf("%s gives %d texts, want %d", text, got, want)
		}
	}
}
