package conform

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/semconv"
)

func TestValuesOfLogRecords(t *testing.T) {
	is := func(list ...string) semconv.LogValue { return semconv.LogValue{Is: list} }
	form := func(pattern string) semconv.LogValue { return semconv.LogValue{Pattern: pattern} }
	const uuid = "01234567-89ab-4cde-8f01-23456789abcd"
	for _, row := range []struct {
		is    semconv.LogValue
		value any
		want  bool
	}{
		{semconv.LogValue{}, "anything", true},
		{is(`"a"`, `"b\n"`), "b\n", true}, {is(`"a"`), "b", false}, {is(`"3"`), int64(3), false}, {is("3"), "3", false},
		{is("3"), int64(3), true}, {is("3"), int64(4), false}, {is("3"), 3.0, false}, {is("3.0"), 3.0, true}, {is("1e+21"), 1e21, true}, {is("3.5"), 3.0, false},
		{is("true"), true, true}, {is("true"), false, false}, {is(`"true"`), true, false},
		{form("o-{hex:4}"), "o-0af9", true}, {form("o-{hex:4}"), "o-0af", false}, {form("o-{hex:4}"), "o-0af99", false}, {form("o-{hex:4}"), "o-0aG9", false},
		{form("{digits:2}{word:3}!"), "42aZ0!", true}, {form("{digits:2}{word:3}!"), "4xaZ0!", false}, {form("{digits:2}"), int64(42), false},
		{form("{uuid}"), uuid, true}, {form("{uuid}"), strings.ReplaceAll(uuid, "-", "0"), false}, {form("x{uuid}"), uuid, false},
		{form("{hex:0}{what}{"), "{hex:0}{what}{", true}, {form("{hex:65}"), strings.Repeat("0", 65), false},
	} {
		if got := allows(&row.is, row.value); got != row.want {
			t.Errorf("%+v, %v: got %t", row.is, row.value, got)
		}
	}
}

func TestAttributesOfLogRecords(t *testing.T) {
	line := &semconv.SystemLog{Attributes: []string{"a", "b", "c"}, Values: []semconv.LogValue{{}, {Optional: true}, {Is: []string{"1"}}}}
	for keys, want := range map[string]bool{"a b c": true, "a c": true, "a b": false, "b c": false, "": false, "a c d": false, "a b c d": false} {
		if l := (&systemLog{keys: strings.Fields(keys)}); l.hasThose(line) != want {
			t.Errorf("%q: got %t", keys, !want)
		}
	}
	if all := (&semconv.SystemLog{Attributes: []string{"a"}}); (&systemLog{}).hasThose(all) || !(&systemLog{keys: []string{"a"}}).hasThose(all) {
		t.Error("of attributes of which nothing is known")
	}
}
