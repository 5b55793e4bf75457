package gen

// course is how a conversation has gone so far, as far as it decides what else
// happens in it.
type course struct {
	models  int   // calls of a model
	failure int32 // why the latest has failed, or none: what a model says before is no answer yet
	stopped bool  // a call has failed for good that was to choose tools: nobody knows how to go on
}

// newCourse is that of a conversation which has not begun.
var newCourse = course{failure: none}

// passes notes a span that has come to its end.
func (c *course) passes(s *span) {
	if s.node.LLM {
		c.models++
		c.failure = s.failure
	}
}

// joins adds one that has gone on at the same time as others: one answer of
// them is enough.
func (c *course) joins(other *course) {
	switch {
	case other.models == 0:
	case other.failure == none:
		c.failure = none
	case c.models == 0:
		c.failure = other.failure
	}
	c.models += other.models
}

// ends notes that a span is not tried again. What it would have chosen beside others
// is its own affair.
func (c *course) ends(s *span) {
	c.stopped = c.stopped || s.node.Chooses && s.failure != none && !s.forks
}
