package golden

import (
	"encoding/json"
	"reflect"
)

// message is one of those that a model call was sent or answered with.
type message struct {
	Role  string
	Parts []map[string]any
}

// messagesOf returns the messages of an attribute, and whether it has any.
func messagesOf(s *observed, key string) (list []message, ok bool) {
	text := s.attrs.str(key)
	return list, text != "" && json.Unmarshal([]byte(text), &list) == nil
}

// unreplayable returns what a program that replays the model calls of a session
// would be led astray by, and the number of edges that it finds: it waits with
// a call for the earlier one whose answer stands in the call's input, as the
// same parts.
func unreplayable(traces [][]*observed) (edges int, found []complaint) {
	said := make(map[string][]message) // answers, by session
	for _, trace := range traces {
		for _, s := range trace {
			if s.of == nil || s.of.role != "model" {
				continue
			}
			session := first(s, []string{"session.id", "gen_ai.conversation.id"})
			input, _ := messagesOf(s, "gen_ai.input.messages")
			for _, m := range input {
				if m.Role != "assistant" || len(m.Parts) > 0 && m.Parts[0]["type"] == "compaction" {
					continue
				}
				edge := false
				for _, earlier := range said[session] {
					edge = edge || reflect.DeepEqual(m.Parts, earlier.Parts)
				}
				if !edge {
					found = append(found, complaint{"inference-perf: an answer in the input of a call is none that was given", s.at})
					continue
				}
				edges++
			}
			output, _ := messagesOf(s, "gen_ai.output.messages")
			said[session] = append(said[session], output...)
		}
	}
	return edges, found
}
