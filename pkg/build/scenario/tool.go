package scenario

import (
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Tool is one tool of an MCP server. What it takes and returns is known of
// tools that have a structure, from their server's entry or from the section
// tools of the Config; Schema is empty for the others.
type Tool struct {
	Name, UUID  string
	Description string
	Arguments   Structure
	Result      Structure
	Schema      string       // JSON schema of the arguments
	Samples     []ToolSample // at least one when there is a structure
	Calls       []Call       // of Config.Services, which its server makes for it
}

// ToolSample is one call: JSON objects that fit the structures of the tool,
// with the keys in the order of the structure and without white space.
type ToolSample struct{ Arguments, Result string }

// ToolSamples are the calls of one tool that a scenario, or what is said, asks
// for in place of the tool's own samples.
type ToolSamples struct {
	Tool    string
	Samples []ToolSample // at least one
	Pos     input.Pos
}

// Structure lists the fields of a JSON object, in order. nil: not described.
type Structure []Field

// Field is one value of a structure.
type Field struct {
	Name        string // empty for the items of an array
	Type        string // of fieldTypes
	Description string
	Required    bool
	Enum        []string  // allowed values, as JSON; nil: any of the type
	Fields      Structure // of an object
	Items       *Field    // of an array
}

// The types of fields, as JSON schema has them.
const (
	typeString  = "string"
	typeInteger = "integer"
	typeNumber  = "number"
	typeBoolean = "boolean"
	typeObject  = "object"
	typeArray   = "array"
)

var fieldTypes = []string{typeString, typeInteger, typeNumber, typeBoolean, typeObject, typeArray}

// Tool returns the tool of a name, nil when the server has none.
func (s *Server) Tool(name string) *Tool {
	for i := range s.Tools {
		if s.Tools[i].Name == name {
			return &s.Tools[i]
		}
	}
	return nil
}

// SamplesOf returns the calls of a tool that a scenario shows: its own samples,
// else the tool's.
func (d *Definition) SamplesOf(t *Tool) []ToolSample {
	for i := range d.Tools {
		if d.Tools[i].Tool == t.Name {
			return d.Tools[i].Samples
		}
	}
	return t.Samples
}

// names lists the fields.
func (s Structure) names() []string {
	var names []string
	for i := range s {
		names = append(names, s[i].Name)
	}
	return names
}

// schema is the JSON schema of an object with the fields.
func (s Structure) schema() string { return string(s.appendSchema(nil)) }

func (s Structure) appendSchema(dst []byte) []byte {
	dst = append(dst, `{"type":"object","properties":{`...)
	required := 0
	for i := range s {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = otlp.AppendJSONString(dst, s[i].Name)
		dst = append(dst, ':')
		dst = s[i].appendSchema(dst)
		if s[i].Required {
			required++
		}
	}
	dst = append(dst, '}')
	if required > 0 {
		dst = append(dst, `,"required":[`...)
		for i := range s {
			if !s[i].Required {
				continue
			}
			dst = append(otlp.AppendJSONString(dst, s[i].Name), ',')
		}
		dst[len(dst)-1] = ']'
	}
	return append(dst, '}')
}

func (f *Field) appendSchema(dst []byte) []byte {
	if f.Type == typeObject {
		dst = f.Fields.appendSchema(dst)
		dst = dst[:len(dst)-1]
	} else {
		dst = append(dst, `{"type":`...)
		dst = otlp.AppendJSONString(dst, f.Type)
	}
	if f.Description != "" {
		dst = append(dst, `,"description":`...)
		dst = otlp.AppendJSONString(dst, f.Description)
	}
	if f.Items != nil {
		dst = append(dst, `,"items":`...)
		dst = f.Items.appendSchema(dst)
	}
	if len(f.Enum) > 0 {
		dst = append(dst, `,"enum":[`...)
		for _, v := range f.Enum {
			dst = append(append(dst, v...), ',')
		}
		dst[len(dst)-1] = ']'
	}
	return append(dst, '}')
}
