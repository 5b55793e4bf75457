package scenario

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// equipped is small with a structure for its tool, and two further servers that
// have it, one with words of its own.
const equipped = `id_formats: {session_id: 's{uuid}', request_id: 'r{uuid}', mcp_tool_call_id: 'c{uuid}'}
tenants: {one: {id: "1"}}
agents: [{id: desk}]
tools:
  file_claim:
    description: Files a claim.
    arguments:
      device: {type: string, description: What is damaged., required: true}
      cause: {type: string, enum: [fall, water]}
      amount: {type: number}
      urgent: {type: boolean}
      address:
        type: object
        description: Where it is.
        fields:
          street: {type: string, required: true}
          floor: {type: integer, enum: [0, 1]}
      photos: {type: array, items: {type: string}}
    result:
      claim: {type: string, required: true}
    samples:
      - arguments: {photos: [a.jpg, "b\"c.jpg"], urgent: yes, amount: 7.50, cause: water, device: phone, address: {floor: 0x1, street: 12 Sample Street}}
        result: {claim: CLM-1}
      - {arguments: {device: "1"}, result: {claim: CLM-2}}
mcp_servers:
  handset: {mcp_server_uuid: u, tools: [{name: file_claim, tool_uuid: t}]}
  kettle: {mcp_server_uuid: v, tools: [{name: file_claim, tool_uuid: w, description: Files a claim for a kettle.}]}
  bike:
    mcp_server_uuid: x
    tools:
      - {name: file_claim, tool_uuid: y, arguments: {}, samples: [{result: {claim: CLM-3}}]}
      - {name: ring, tool_uuid: z}
realistic_scenarios: {workflow_templates: {plan: [planner, file_claim]}}
control_plane: {request_validation_templates: {allowed: {}}, response_validation_templates: {allowed: {}}}
conversation_samples:
  plan:
    samples:
      - {user_input: Help., llm_response: Done., tools: {file_claim: {arguments: {device: tap}, result: {claim: CLM-4}}}}
`

func equippedConfig(t testing.TB, text string) (*Config, []string) {
	t.Helper()
	var p input.Problems
	c := ParseConfig(input.File{Name: "a.yaml", Data: []byte(text)}, &p)
	return c, lines(&p)
}

func TestToolsHaveStructuresAndSamples(t *testing.T) {
	c, problems := equippedConfig(t, equipped)
	checkLines(t, problems)
	tool := c.Server("handset").Tool("file_claim")
	wantSchema := `{"type":"object","properties":{"device":{"type":"string","description":"What is damaged."},` +
		`"cause":{"type":"string","enum":["fall","water"]},"amount":{"type":"number"},"urgent":{"type":"boolean"},` +
		`"address":{"type":"object","properties":{"street":{"type":"string"},"floor":{"type":"integer","enum":[0,1]}},"required":["street"],"description":"Where it is."},` +
		`"photos":{"type":"array","items":{"type":"string"}}},"required":["device"]}`
	if tool.Schema != wantSchema || !json.Valid([]byte(tool.Schema)) {
		t.Errorf("schema: got  %s\nwant %s", tool.Schema, wantSchema)
	}
	want := []ToolSample{
		{`{"device":"phone","cause":"water","amount":7.5,"urgent":true,"address":{"street":"12 Sample Street","floor":1},"photos":["a.jpg","b\"c.jpg"]}`, `{"claim":"CLM-1"}`},
		{`{"device":"1"}`, `{"claim":"CLM-2"}`},
	}
	if !reflect.DeepEqual(tool.Samples, want) {
		t.Errorf("samples: got %q", tool.Samples)
	}
	kettle := *c.Server("kettle").Tool("file_claim")
	if kettle.Description != "Files a claim for a kettle." || kettle.Schema != wantSchema || !reflect.DeepEqual(kettle.Samples, want) {
		t.Errorf("a server that says less: got %+v", kettle)
	}
	bike := c.Server("bike")
	if x := bike.Tool("file_claim"); x.Schema != `{"type":"object","properties":{}}` || !reflect.DeepEqual(x.Samples, []ToolSample{{`{}`, `{"claim":"CLM-3"}`}}) || x.Description != "Files a claim." {
		t.Errorf("a server that says more: got %+v", x)
	}
	if x := bike.Tool("ring"); x.Schema != "" || x.Arguments != nil || x.Samples != nil {
		t.Errorf("a tool without structure: got %+v", x)
	}
	said := []ToolSamples{{"file_claim", []ToolSample{{`{"device":"tap"}`, `{"claim":"CLM-4"}`}}, input.Pos{File: "a.yaml", Line: 38, Column: 58}}}
	if got := c.Samples[0].Samples[0].Tools; !reflect.DeepEqual(got, said) {
		t.Errorf("calls of what is said: got %v, want %v", got, said)
	}
}

// The order of keys in a sample decides nothing.
func TestSamplesHaveTheOrderOfTheStructure(t *testing.T) {
	text := strings.Replace(equipped, "{photos: [a.jpg, \"b\\\"c.jpg\"], urgent: yes, amount: 7.50, cause: water, device: phone, address: {floor: 0x1, street: 12 Sample Street}}",
		"{device: phone, cause: water, address: {street: 12 Sample Street, floor: 1}, urgent: true, amount: 7.5, photos: [a.jpg, 'b\"c.jpg']}", 1)
	if text == equipped {
		t.Fatal("nothing is changed")
	}
	a, _ := equippedConfig(t, equipped)
	b, problems := equippedConfig(t, text)
	checkLines(t, problems)
	if !reflect.DeepEqual(a.Servers, b.Servers) {
		t.Errorf("got %+v, want %+v", b.Servers, a.Servers)
	}
}

func TestMistakesInTools(t *testing.T) {
	for _, row := range []struct {
		why, old, new string // new takes the place of old in equipped
		want          []string
	}{
		{"a field that the structure lacks", "result: {claim: CLM-1}", "result: {clam: x, claim: CLM-1}", []string{
			`a.yaml:23:18: unknown field "clam"; did you mean "claim"?`}},
		{"a field below another", "{floor: 0x1,", "{flor: 1,", []string{
			`a.yaml:22:116: unknown field "flor"; did you mean "floor"? allowed: floor, street`}},
		{"a required field", "{arguments: {device: \"1\"}, result: {claim: CLM-2}}", "{arguments: {cause: fall}}", []string{
			"a.yaml:24:9: tools.file_claim.samples[1].result.claim: missing",
			"a.yaml:24:21: tools.file_claim.samples[1].arguments.device: missing"}},
		{"a required field below another", ", street: 12 Sample Street", "", []string{
			"a.yaml:22:115: tools.file_claim.samples[0].arguments.address.street: missing"}},
		{"a number for a text", `{device: "1"}`, "{device: 1}", []string{
			"a.yaml:24:30: tools.file_claim.samples[1].arguments.device: found integer 1, want a string (quote it)"}},
		{"a text for a number", "amount: 7.50", "amount: '7.50'", []string{
			`a.yaml:22:71: tools.file_claim.samples[0].arguments.amount: found string "7.50", want a number; did you mean 7.50, without quotes?`}},
		{"a number that JSON lacks", "amount: 7.50", "amount: .inf", []string{
			"a.yaml:22:71: tools.file_claim.samples[0].arguments.amount: found number .inf, want a finite number"}},
		{"a fraction for an integer", "floor: 0x1", "floor: 1.0", []string{
			"a.yaml:22:123: tools.file_claim.samples[0].arguments.address.floor: found number 1.0, want an integer"}},
		{"a text for a truth", "urgent: yes", "urgent: 'yes'", []string{
			`a.yaml:22:58: tools.file_claim.samples[0].arguments.urgent: found string "yes", want true or false`}},
		{"a text for a list", "[a.jpg, \"b\\\"c.jpg\"]", "a.jpg", []string{
			`a.yaml:22:29: tools.file_claim.samples[0].arguments.photos: found string "a.jpg", want a list`}},
		{"a number in a list of texts", "[a.jpg, \"b\\\"c.jpg\"]", "[a.jpg, 5]", []string{
			"a.yaml:22:37: tools.file_claim.samples[0].arguments.photos[1]: found integer 5, want a string (quote it)"}},
		{"a value that is not allowed", "cause: water", "cause: watr", []string{
			`a.yaml:22:84: tools.file_claim.samples[0].arguments.cause: unknown value "watr"; did you mean "water"? allowed: fall, water`}},
		{"a number that is not allowed", "floor: 0x1", "floor: 2", []string{
			`a.yaml:22:123: tools.file_claim.samples[0].arguments.address.floor: 2 is none of 0, 1`}},
		{"a type", "urgent: {type: boolean}", "urgent: {type: bool}", []string{
			`a.yaml:11:22: tools.file_claim.arguments.urgent.type: unknown value "bool"; did you mean "boolean"? allowed: array, boolean, integer, number, object, string`}},
		{"no type", "urgent: {type: boolean}", "urgent: {required: true}", []string{
			"a.yaml:11:15: tools.file_claim.arguments.urgent.type: missing",
			`a.yaml:22:50: unknown field "urgent"; allowed: address, amount, cause, device, photos`}},
		{"a key of a field", "urgent: {type: boolean}", "urgent: {type: boolean, requird: true}", []string{
			`a.yaml:11:31: unknown key "requird"; did you mean "required"? allowed: description, enum, fields, items, required, type`}},
		{"an object of nothing", "urgent: {type: boolean}", "urgent: {type: object}", []string{
			"a.yaml:11:15: tools.file_claim.arguments.urgent.fields: missing; a field of type object needs them",
			`a.yaml:22:58: tools.file_claim.samples[0].arguments.urgent: found string "yes", want a mapping`}},
		{"fields of a text", "cause: {type: string,", "cause: {type: string, fields: {}, items: {type: string},", []string{
			"a.yaml:9:37: tools.file_claim.arguments.cause.fields: a field of type string has none",
			"a.yaml:9:48: tools.file_claim.arguments.cause.items: a field of type string has none"}},
		{"a list of nothing", "photos: {type: array, items: {type: string}}", "photos: {type: array}", []string{
			"a.yaml:18:15: tools.file_claim.arguments.photos.items: missing; a field of type array needs them"}},
		{"a required item", "items: {type: string}", "items: {type: string, required: true}", []string{
			"a.yaml:18:61: warning: tools.file_claim.arguments.photos.items.required: has no effect on the items of a list"}},
		{"values of a list", "photos: {type: array,", "photos: {enum: [x], type: array,", []string{
			"a.yaml:18:22: tools.file_claim.arguments.photos.enum: a field of type array has none"}},
		{"no values", "enum: [fall, water]", "enum: []", []string{
			"a.yaml:9:35: tools.file_claim.arguments.cause.enum: no values; leave the key out to allow any"}},
		{"a value twice", "enum: [fall, water]", "enum: [fall, water, fall]", []string{
			`a.yaml:9:49: tools.file_claim.arguments.cause.enum[2]: "fall" is there twice`}},
		{"a value of another type", "enum: [0, 1]", "enum: [0, 1, top]", []string{
			`a.yaml:17:47: tools.file_claim.arguments.address.fields.floor.enum[2]: found string "top", want an integer`}},
		{"no samples", "    samples:\n      - arguments: {photos", "    Samples:\n      - arguments: {photos", []string{
			"a.yaml:6:5: tools.file_claim.samples: no samples; a tool with arguments or a result needs at least one",
			`a.yaml:21:5: unknown key "Samples"; did you mean "samples"? allowed: arguments, description, result, samples`}},
		{"a tool that no server has", "tools:\n  file_claim:", "tools:\n  file_clam: {description: x}\n  file_claim:", []string{
			`a.yaml:5:3: warning: tools: has no effect: unknown tool of an mcp_server "file_clam"; did you mean "file_claim"? allowed: file_claim, ring`}},
		{"the name of a step", "tools:\n  file_claim:", "tools:\n  Planner: {}\n  file_claim:", []string{
			`a.yaml:5:3: "Planner" is the name of a step and cannot be a tool`,
			`a.yaml:5:3: warning: tools: has no effect: unknown tool of an mcp_server "Planner"; allowed: file_claim, ring`}},
		{"a structure of a server that its samples do not fit", "tool_uuid: y, arguments: {}, samples: [{result: {claim: CLM-3}}]", "tool_uuid: y, result: {}", []string{
			`a.yaml:23:18: unknown field "claim"; none is defined`,
			`a.yaml:24:45: unknown field "claim"; none is defined`}},
		{"a tool that what is said cannot call", "tools: {file_claim: {arg", "tools: {file_clam: {arg", []string{
			`a.yaml:38:58: unknown tool "file_clam"; did you mean "file_claim"? allowed: file_claim, ring`}},
		{"what is said does not fit", "{device: tap}", "{devise: tap}", []string{
			"a.yaml:38:82: conversation_samples.plan.samples[0].tools.file_claim.arguments.device: missing",
			`a.yaml:38:83: unknown field "devise"; did you mean "device"? allowed: address, amount, cause, device, photos, urgent`}},
		{"what is said calls nothing", "{file_claim: {arguments: {device: tap}, result: {claim: CLM-4}}}", "{file_claim: []}", []string{
			"a.yaml:38:70: conversation_samples.plan.samples[0].tools.file_claim: no calls; leave the tool out or add one"}},
		{"a tool without structure", "{file_claim: {arguments: {device: tap}, result: {claim: CLM-4}}}", "{ring: {}}", []string{
			`a.yaml:38:58: tool "ring" has no structure to fit: give it arguments and a result under tools in config.yaml`}},
		{"a key of a sample", "{arguments: {device: \"1\"},", "{argument: {device: \"1\"},", []string{
			`a.yaml:24:9: tools.file_claim.samples[1].arguments.device: missing`,
			`a.yaml:24:10: unknown key "argument"; did you mean "arguments"? allowed: arguments, result`}},
		{"a sample that is too long", `{device: "1"}`, `{device: ` + strings.Repeat("x", maxSaid) + `}`, []string{
			"a.yaml:24:21: tools.file_claim.samples[1].arguments: 65549 bytes of JSON are more than the limit of 65536"}},
	} {
		t.Run(row.why, func(t *testing.T) {
			text := strings.Replace(equipped, row.old, row.new, 1)
			if text == equipped {
				t.Fatal("the row changes nothing")
			}
			_, got := equippedConfig(t, text)
			checkLines(t, got, row.want...)
		})
	}
}

func TestScenariosHaveSamplesOfTheirOwn(t *testing.T) {
	c, _ := equippedConfig(t, equipped)
	const head = "context: {tenant: one, agent: desk, mcp_server: "
	for _, row := range []struct {
		why, text string
		want      []string // problems; none: the samples are those
	}{
		{"its own", head + "handset, correct_flow: [file_claim]}\ntools: {FILE_claim: {samples: [{arguments: {device: tap}, result: {claim: CLM-9}}]}}\n", nil},
		{"by the structure of its server", head + "bike}\ntools: {file_claim: {samples: [{arguments: {device: tap}, result: {claim: CLM-9}}]}}\n", []string{
			`a.yaml:2:45: unknown field "device"; none is defined`}},
		{"a tool that the server lacks", head + "handset}\ntools: {ring: {samples: []}}\n", []string{
			`a.yaml:2:9: mcp_server "handset": unknown tool "ring"; allowed: file_claim`,
			"a.yaml:2:25: tools.ring.samples: no samples; leave the tool out or add one"}},
		{"a structure", head + "handset}\ntools: {file_claim: {arguments: {}, samples: [{arguments: {device: tap}, result: {claim: CLM-9}}]}}\n", []string{
			`a.yaml:2:22: unknown key "arguments"; allowed: samples`}},
	} {
		t.Run(row.why, func(t *testing.T) {
			var p input.Problems
			out := Parse([]input.File{{Name: "a.yaml", Data: []byte(row.text)}}, c, ParseOptions{}, &p)
			checkLines(t, lines(&p), row.want...)
			if row.want != nil {
				return
			}
			tool := c.Server("handset").Tool("file_claim")
			if got := out[0].SamplesOf(tool); len(got) != 1 || got[0] != (ToolSample{`{"device":"tap"}`, `{"claim":"CLM-9"}`}) {
				t.Errorf("got %q", got)
			}
			if got := (&Definition{}).SamplesOf(tool); len(got) != 2 {
				t.Errorf("without any: got %q", got)
			}
		})
	}
}

func TestCallsOfATurn(t *testing.T) {
	c, _ := equippedConfig(t, equipped)
	const head = "context: {tenant: one, agent: desk, mcp_server: handset, correct_flow: [file_claim]}\nconversation:\n  turns:\n"
	const call = "{file_claim: [{arguments: {device: tap}, result: {claim: A}}, {arguments: {device: tub}, result: {claim: B}}]}"
	want := []ToolSample{{`{"device":"tap"}`, `{"claim":"A"}`}, {`{"device":"tub"}`, `{"claim":"B"}`}}
	for _, text := range []string{
		"    - {user_input: a, llm_response: b, tools: " + call + "}\n",
		"    - {role: user, text: a, tools: " + call + "}\n    - {role: assistant, text: b}\n",
	} {
		var p input.Problems
		out := Parse([]input.File{{Name: "a.yaml", Data: []byte(head + text)}}, c, ParseOptions{}, &p)
		checkLines(t, lines(&p))
		if len(out) != 1 || len(out[0].Turns) != 1 || len(out[0].Turns[0].Tools) != 1 {
			t.Fatalf("got %+v", out)
		}
		if got := out[0].Turns[0].Tools[0]; got.Tool != "file_claim" || !reflect.DeepEqual(got.Samples, want) {
			t.Errorf("got %+v", got)
		}
	}
	var p input.Problems
	text := head + "    - {role: user, text: a}\n    - {role: assistant, text: b, tools: " + call + "}\n"
	Parse([]input.File{{Name: "a.yaml", Data: []byte(text)}}, c, ParseOptions{}, &p)
	checkLines(t, lines(&p), "a.yaml:5:41: conversation.turns[1].tools: belongs to the message of the user, which begins the turn")
}

func TestHistoryAndCompaction(t *testing.T) {
	const turn = "{user_input: a, llm_response: b}"
	for _, row := range []struct {
		conversation string
		history      string
		compact      int64
		want         []string
	}{
		{"{turns: [" + turn + "]}", HistoryCall, MaxMessages, nil},
		{"{turns: [" + turn + ", " + turn + "], history: Full, compact_at: 4096}", HistoryFull, 4096, nil},
		{"{compact_at: 4096}", HistoryCall, 4096, nil},
		{"{turns: [" + turn + "], history: call}", HistoryCall, MaxMessages, nil},
		{"{turns: [" + turn + "], history: full}", HistoryFull, MaxMessages, []string{
			"a.yaml:1:68: warning: conversation.history: has no effect without a second turn"}},
		{"{turns: [" + turn + "], history: fully}", HistoryCall, MaxMessages, []string{
			`a.yaml:1:68: conversation.history: unknown value "fully"; did you mean "full"? allowed: call, full`}},
		{"{turns: [" + turn + "], compact_at: 300000}", HistoryCall, MaxMessages, []string{
			"a.yaml:1:71: conversation.compact_at: 300000 is not between 1024 and 262144"}},
		{"{history: full}", HistoryFull, MaxMessages, []string{"a.yaml:1:15: conversation.turns: no turns; a conversation needs at least one"}},
	} {
		d, problems := parse(t, "conversation: "+row.conversation+"\n")
		checkLines(t, problems, row.want...)
		if d.History != row.history || d.CompactAt != row.compact {
			t.Errorf("%s: got %s, %d", row.conversation, d.History, d.CompactAt)
		}
	}
}
