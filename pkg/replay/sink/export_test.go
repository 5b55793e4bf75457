package sink

// Open is the number of connections that are accepted and not closed.
func (s *Sink) Open() int64 { return s.limit.open.Load() }
