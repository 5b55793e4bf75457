package verify

import "cmp"

// requests judges which requests the records of a segment hold, given its
// traces as they come: one each, or whole ones of at least so many spans, and
// in order. Where records were split they do not tell.
func (c *traceChecker) requests(traces []seededTrace) {
	if c.f.info.Splits > 0 {
		return
	}
	batch := c.f.s.v.report.Manifest.Options.BatchItems
	spans := c.counts[:0]
	for i := range c.spans {
		for int(c.spans[i].record) >= len(spans) {
			spans = append(spans, 0)
		}
		spans[c.spans[i].record]++
	}
	c.counts = spans
	var before *seededTrace
	for len(traces) > 0 {
		record := c.known[traces[0].trace].record
		n, first, last := 0, &traces[0], &traces[0]
		for ; n < len(traces) && c.known[traces[n].trace].record == record; n++ {
			if compareRequests(&traces[n], first) < 0 {
				first = &traces[n]
			}
			if compareRequests(&traces[n], last) > 0 {
				last = &traces[n]
			}
		}
		have := spans[record]
		switch {
		case before != nil && compareRequests(before, first) >= 0:
			c.complain(ruleRecordRequest, first.trace, record, "is of iteration %d, turn %d, and comes after iteration %d, turn %d",
				first.Iteration, first.Turn, before.Iteration, before.Turn)
		case batch == 0 && compareRequests(first, last) != 0:
			c.complain(ruleRecordRequest, first.trace, record, "is in a record with iteration %d, turn %d: the manifest says one request a record",
				last.Iteration, last.Turn)
		case n < len(traces) && have < batch:
			c.complain(ruleRecordRequest, first.trace, record, "is in a record of %d spans: the manifest says at least %d", have, batch)
		}
		before, traces = last, traces[n:]
	}
}

// compareRequests orders traces by their request.
func compareRequests(a, b *seededTrace) int {
	return cmp.Or(cmp.Compare(a.Iteration, b.Iteration), cmp.Compare(a.Turn, b.Turn))
}
