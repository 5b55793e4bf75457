package damage

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"

	logs "go.opentelemetry.io/proto/otlp/logs/v1"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// newRequest returns an empty export request: the data messages are like them.
func newRequest(sig otlp.Signal) proto.Message {
	return [otlp.NumSignals]proto.Message{
		otlp.SignalTraces:  new(trace.TracesData),
		otlp.SignalMetrics: new(metrics.MetricsData),
		otlp.SignalLogs:    new(logs.LogsData),
	}[sig]
}

// decode reads the body of an export request.
func decode(sig otlp.Signal, f otlp.Format, body []byte) (proto.Message, error) {
	m := newRequest(sig)
	if f == otlp.FormatProto {
		return m, proto.Unmarshal(body, m)
	}
	text, err := convertIDs(body, func(s string) (string, error) {
		id, err := hex.DecodeString(s)
		return base64.StdEncoding.EncodeToString(id), err
	})
	if err != nil {
		return nil, err
	}
	return m, protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(text, m)
}

// encode writes a message.
func encode(f otlp.Format, m proto.Message) ([]byte, error) {
	if f == otlp.FormatProto {
		return proto.MarshalOptions{Deterministic: true}.Marshal(m)
	}
	text, err := protojson.MarshalOptions{UseEnumNumbers: true}.Marshal(m)
	if err != nil {
		return nil, err
	}
	return convertIDs(text, func(s string) (string, error) {
		id, err := base64.StdEncoding.DecodeString(s)
		return hex.EncodeToString(id), err
	})
}

// convertIDs changes the ids of an OTLP/JSON object, which are hex where the JSON of
// protobuf has base64.
func convertIDs(text []byte, convert func(string) (string, error)) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var root any
	if err := d.Decode(&root); err != nil {
		return nil, err
	}
	var walk func(v any) error
	walk = func(v any) error {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				if err := walk(e); err != nil {
					return err
				}
			}
		case map[string]any:
			for key, e := range v {
				id, ok := e.(string)
				switch {
				case ok && (key == "traceId" || key == "spanId" || key == "parentSpanId"):
					changed, err := convert(id)
					if err != nil {
						return fmt.Errorf("%s: %w", key, err)
					}
					v[key] = changed
				case !ok:
					if err := walk(e); err != nil {
						return err
					}
				}
			}
		}
		return nil
	}
	if err := walk(root); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(root); err != nil {
		return nil, err
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}
