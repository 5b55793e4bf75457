package gen

// course is how a conversation has gone so far, as far as it decides what else
// happens in it.
type course struct {
	models   int   // calls of a model
	called   bool  // of tools, since a model has said something
	answered bool  // a model has said something that tools were not called for
	failure  int32 // why the latest call of a model has failed, or none
	stopped  bool  // a call has failed for good that was to choose tools: nobody knows how to go on
}

// newCourse is that of a conversation which has not begun.
var newCourse = course{failure: none}

// passes notes a span that has come to its end.
func (c *course) passes(s *span) {
	switch {
	case s.node.Tool:
		c.called = true
	case !s.node.LLM:
	case s.failure == none:
		c.models++
		c.answered, c.called, c.failure = true, false, none
	default:
		c.models++
		c.answered = c.answered && !c.called
		c.failure = s.failure
	}
}

// joins adds what has gone on at the same time.
func (c *course) joins(other *course) {
	c.models += other.models
	c.answered = c.answered || other.answered
	if other.failure != none {
		c.failure = other.failure
	}
}

// ends notes that a span is not tried again.
func (c *course) ends(s *span) {
	if s.node.Chooses && s.failure != none {
		c.stopped, c.answered = true, false
	}
}

// unanswered is what an answer cannot be composed for, or none.
func (c *course) unanswered() int32 {
	if c.models == 0 || c.answered {
		return none
	}
	return c.failure
}
