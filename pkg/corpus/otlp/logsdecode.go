package otlp

import "encoding/json"

// logRecord reads a LogRecord into r and adds it.
func (d *Decoder) logRecord(b []byte, r LogRecord) (err error) {
	base, last := len(d.stack), uint8(0)
	var f field
	for len(b) > 0 && err == nil {
		if b, err = f.read(b); err != nil {
			break
		}
		last = logOrder.after(last, &f)
		switch {
		case f.is(1, wireFixed64):
			r.Time = f.num
		case f.is(2, wireVarint):
			r.Severity, err = enum(f.num)
		case f.is(3, wireBytes):
			r.SeverityText, err = d.name(&f)
		case f.is(5, wireBytes):
			r.Body, err = d.value(f.bytes)
		case f.is(6, wireBytes):
			err = d.keyValue(f.bytes)
		case f.is(8, wireFixed32):
			r.Flags = uint32(f.num)
		case f.is(9, wireBytes):
			err = d.id(r.TraceID[:], f.bytes)
		case f.is(10, wireBytes):
			err = d.id(r.SpanID[:], f.bytes)
		case f.is(11, wireFixed64):
			r.Observed = f.num
		case f.is(12, wireBytes):
			r.EventName, err = d.name(&f)
		}
	}
	d.like(last)
	r.Attrs = d.finish(base)
	d.logs.Records = append(d.logs.Records, r)
	return err
}

type logsJSON struct {
	ResourceLogs []struct {
		resourceJSON
		ScopeLogs []struct {
			scopeJSON
			LogRecords []logRecordJSON `json:"logRecords"`
		} `json:"scopeLogs"`
	} `json:"resourceLogs"`
}

type logRecordJSON struct {
	Time         uintJSON       `json:"timeUnixNano"`
	Observed     uintJSON       `json:"observedTimeUnixNano"`
	Severity     uintJSON       `json:"severityNumber"`
	SeverityText string         `json:"severityText"`
	EventName    string         `json:"eventName"`
	Body         valueJSON      `json:"body"`
	Attributes   []keyValueJSON `json:"attributes"`
	Flags        uintJSON       `json:"flags"`
	TraceID      hexJSON        `json:"traceId"`
	SpanID       hexJSON        `json:"spanId"`
}

func (d *Decoder) logsJSON(payload []byte) error {
	var data logsJSON
	if err := json.Unmarshal(payload, &data); err != nil {
		return err
	}
	for i := range data.ResourceLogs {
		r := &data.ResourceLogs[i]
		resource, err := d.resourceJSON(&r.resourceJSON)
		if err != nil {
			return err
		}
		for j := range r.ScopeLogs {
			s := &r.ScopeLogs[j]
			scope := d.scopeJSON(&s.scopeJSON)
			for k := range s.LogRecords {
				if err := d.logRecordJSON(&s.LogRecords[k], LogRecord{Resource: resource, Scope: scope}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// logRecordJSON reads j into r and adds it.
func (d *Decoder) logRecordJSON(j *logRecordJSON, r LogRecord) (err error) {
	if err := copyID(r.TraceID[:], j.TraceID); err != nil {
		return err
	}
	if err := copyID(r.SpanID[:], j.SpanID); err != nil {
		return err
	}
	r.Time, r.Observed = uint64(j.Time), uint64(j.Observed)
	r.SeverityText, r.EventName = d.strings.ID(j.SeverityText), d.strings.ID(j.EventName)
	if r.Severity, err = enum(uint64(j.Severity)); err != nil {
		return err
	}
	if r.Flags, err = flags(j.Flags); err != nil {
		return err
	}
	if err := d.valueJSON(&j.Body, &r.Body); err != nil {
		return err
	}
	if r.Attrs, err = d.attrsJSON(j.Attributes); err != nil {
		return err
	}
	d.logs.Records = append(d.logs.Records, r)
	return nil
}
