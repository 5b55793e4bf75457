package signals

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// tell appends the records of the span at an index.
func (d *Deriver) tell(how *telling, i int) {
	s := &d.logger.t.Spans[i]
	w := &d.rules.words
	switch how.story {
	case vocab.Verdict:
		d.verdict(how, i)
	case vocab.Findings:
		d.validationErrors(i)
	case vocab.Decision:
		severity := d.severity(s)
		if severity == otlp.SeverityInfo && !d.has(s, w.policyDecision, w.allow) {
			severity = otlp.SeverityWarn
		}
		r := d.add(i, atEnd, w.policyDecision, severity)
		r.Body = d.body("policy engine").attr(s.Attrs, w.policyEngine).word(" decided").attr(s.Attrs, w.policyDecision).attribute()
	case vocab.Turn:
		d.turn(i)
	case vocab.Attempts:
		d.attempt(i)
	case vocab.Ended:
		d.ended(how, i)
	case vocab.FailedStep:
		if s.Status == otlp.StatusError {
			d.ended(how, i)
		}
	}
}

// severity is that of a span whose outcome is nothing special.
func (d *Deriver) severity(s *otlp.Span) uint8 {
	if s.Status == otlp.StatusError {
		return otlp.SeverityError
	}
	return otlp.SeverityInfo
}

// has reports whether a span has an attribute of that value.
func (d *Deriver) has(s *otlp.Span, key, value otlp.StringID) bool {
	a, ok := lookup(d.logger.t, s.Attrs, key)
	return ok && a.Kind == otlp.KindString && otlp.StringID(a.Word) == value
}

// ended tells that a piece of work did what it should, or why not.
func (d *Deriver) ended(how *telling, i int) {
	s := &d.logger.t.Spans[i]
	severity := d.severity(s)
	r := d.add(i, atEnd, how.event, severity)
	b := d.body(how.noun)
	if how.about != 0 {
		b = b.attr(s.Attrs, how.about)
	}
	if severity == otlp.SeverityError {
		r.Body = b.word(" failed:").attr(s.Attrs, d.rules.words.errorType).attribute()
	} else {
		r.Body = b.word(" succeeded").attribute()
	}
}

// verdict tells what became of a request or a response.
func (d *Deriver) verdict(how *telling, i int) {
	w, v := &d.rules.words, &how.verdict
	s := &d.logger.t.Spans[i]
	flag, flagged := lookup(d.logger.t, s.Attrs, v.flag)
	switch {
	case s.Status == otlp.StatusError:
		r := d.add(i, atEnd, v.failed, otlp.SeverityError)
		r.Body = d.body(how.noun).word(" failed:").attr(s.Attrs, w.errorType).attribute()
	case d.has(s, v.outcome, w.blocked):
		r := d.add(i, atEnd, v.blocked, otlp.SeverityWarn)
		r.Body = d.body(how.noun).word(" blocked:").attr(s.Attrs, w.blockReason).attribute()
	case flagged && flag.Kind == otlp.KindBool && flag.Word == 1:
		r := d.add(i, atEnd, v.flagged, otlp.SeverityWarn)
		r.Body = d.body(how.noun).word(" allowed and flagged for audit").attribute()
	default:
		r := d.add(i, atEnd, v.allowed, otlp.SeverityInfo)
		r.Body = d.body(how.noun).word(" allowed").attribute()
	}
}

// validationErrors tells each finding, when it was found.
func (d *Deriver) validationErrors(i int) {
	l, w := &d.logger, &d.rules.words
	s := &l.t.Spans[i]
	for _, e := range l.t.Events[s.Events.Start:s.Events.End] {
		if e.Name != w.validationError {
			continue
		}
		r := d.add(i, atEnd, w.validationError, d.severity(s))
		r.Time, r.Observed = e.Time, e.Time+observedAfter
		for _, a := range l.t.Attrs[e.Attrs.Start:e.Attrs.End] {
			if scalar(a.Kind) && int(r.Attrs.End) == len(l.out.Attrs) {
				l.out.Attrs = append(l.out.Attrs, l.value(a))
				r.Attrs.End++
			}
		}
		r.Body = d.body("payload violates").attr(e.Attrs, w.rule).word(" at").attr(e.Attrs, w.path).attribute()
	}
}

// turn tells that an agent begins to work on a turn, and how that ended.
func (d *Deriver) turn(i int) {
	w := &d.rules.words
	s := &d.logger.t.Spans[i]
	start := d.add(i, atStart, w.turnStart, otlp.SeverityInfo)
	start.Body = constant(w.bodyTurnStart)
	d.unknowing(start)
	severity, said := d.severity(s), w.bodyTurnEnd
	if severity == otlp.SeverityInfo && d.has(s, w.a2aOutcome, w.partial) {
		severity, said = otlp.SeverityWarn, w.bodyTurnPart
	}
	r := d.add(i, atEnd, w.turnEnd, severity)
	r.Body = constant(said)
	if severity == otlp.SeverityError {
		r.Body = d.body("turn failed:").attr(s.Attrs, w.errorType).attribute()
	}
}

// unknowing takes from the latest record what nobody knows before its span ends.
func (d *Deriver) unknowing(r *otlp.LogRecord) {
	l := &d.logger.out
	kept := r.Attrs.Start
	for _, a := range l.Attrs[r.Attrs.Start:r.Attrs.End] {
		if !slices.Contains(d.rules.words.later, a.Key) {
			l.Attrs[kept] = a
			kept++
		}
	}
	if uint32(len(l.Attrs)) == r.Attrs.End {
		l.Attrs = l.Attrs[:kept]
	}
	r.Attrs.End = kept
}

func constant(id otlp.StringID) otlp.Attr { return otlp.Attr{Kind: otlp.KindString, Word: uint64(id)} }

// attempt tells that a tool call is tried again, and that it failed.
func (d *Deriver) attempt(i int) {
	w := &d.rules.words
	s := &d.logger.t.Spans[i]
	index, ok := lookup(d.logger.t, s.Attrs, w.attemptIndex)
	if ok && index.Kind == otlp.KindInt && int64(index.Word) > 1 {
		r := d.add(i, atStart, w.toolRetry, otlp.SeverityWarn)
		r.Body = d.body("tool call tried again, attempt").attr(s.Attrs, w.attemptIndex).attribute()
		d.unknowing(r)
	}
	if s.Status != otlp.StatusError {
		return
	}
	severity := otlp.SeverityError
	if d.followed(i) {
		severity = otlp.SeverityWarn
	}
	r := d.add(i, atEnd, w.attemptFailed, severity)
	r.Body = d.body("tool call attempt").attr(s.Attrs, w.attemptIndex).word(" failed:").attr(s.Attrs, w.errorType).attribute()
}

// followed reports whether another attempt at the same thing comes after the
// one at an index.
func (d *Deriver) followed(i int) bool {
	spans := d.logger.t.Spans
	s := &spans[i]
	for k := i + 1; k < len(spans) && spans[k].TraceID == s.TraceID; k++ {
		if spans[k].Name == s.Name && spans[k].ParentID == s.ParentID {
			return true
		}
	}
	return false
}
