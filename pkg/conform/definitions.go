package conform

import "fmt"

// offered judges the definitions of the tools that a model is offered, and the
// instructions that it is given apart from its messages.
func (k *Checker) offered(i int) {
	r := &k.record
	if text, ok := r.speech.bytesOf(r.t, r.attr(i, slotDefinitions)); ok {
		if err := definitions(text); err != nil {
			k.fail(i, "definitions", "%s: %s", k.slots[slotDefinitions], err)
		}
	}
	if text, ok := r.speech.bytesOf(r.t, r.attr(i, slotInstructions)); ok {
		if err := r.speech.instructions(text); err != nil {
			k.fail(i, "messages", "%s: %s", k.slots[slotInstructions], err)
		}
	}
}

// definitions reports what keeps a text from being a list of tools.
func definitions(text []byte) error {
	j := jsonText{b: text}
	n := 0
	var err error
	ok := j.items('[', ']', func([]byte) bool {
		n++
		typed, named := false, false
		ok := j.items('{', '}', func(key []byte) bool {
			v, ok := j.value()
			_, isString := stringIn(v)
			typed = typed || isString && string(key) == "type"
			named = named || isString && string(key) == "name"
			return ok
		})
		if ok && (!typed || !named) {
			err = fmt.Errorf("tool %d lacks a type or a name", n)
		}
		return ok && err == nil
	})
	return j.whole(ok, err)
}

// instructions reports what keeps a text from being a list of parts of text.
func (s *speech) instructions(text []byte) error {
	j := jsonText{b: text}
	var err error
	from := len(s.parts)
	ok := j.items('[', ']', func([]byte) bool {
		err = s.part(&j, 1, len(s.parts)-from+1)
		return err == nil
	})
	s.parts = s.parts[:from]
	return j.whole(ok, err)
}

// whole is what keeps a text from being one list and nothing else.
func (j *jsonText) whole(ok bool, err error) error {
	if err == nil && (!ok || j.space() != 0 || j.at != len(j.b)) {
		return fmt.Errorf("no JSON list, from byte %d on", j.at)
	}
	return err
}
