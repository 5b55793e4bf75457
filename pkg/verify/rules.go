package verify

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/conform"
)

// Rule is what a corpus is held to. Names do not change.
type Rule struct {
	Name    string
	Meaning string // what a finding says
}

// Rules returns every rule that a corpus can be held to, in the order in which
// they are explained: those of the format first.
func Rules() []Rule { return append(slices.Clone(ownRules), conventionRules()...) }

// conventionRules returns the rules that follow from the conventions, but for
// those that an author may break: a corpus is not held to them.
func conventionRules() (list []Rule) {
	for _, r := range append(conform.Rules(), conform.SignalRules()...) {
		if !r.Author {
			list = append(list, Rule{r.Name, r.Meaning})
		}
	}
	return append(list, Rule{ruleCardinality, "there are more users or instances than the manifest declares"})
}

// The names of the rules.
const (
	ruleManifest      = "manifest"
	ruleManifestValue = "manifest-value"
	ruleSpelling      = "manifest-spelling"
	ruleSums          = "sums"
	ruleFileMissing   = "file-missing"
	ruleFileExtra     = "file-extra"
	ruleFileChanged   = "file-changed"
	ruleFileRead      = "file-unreadable"
	ruleFileTwice     = "file-twice"
	ruleDigest        = "content-digest"
	ruleSize          = "content-size"
	ruleCounts        = "content-counts"
	ruleTimes         = "content-times"
	ruleHeads         = "content-begins-alike"
	ruleNotJudged     = "not-judged"
	ruleRemade        = "regenerate"

	ruleRecord        = "record"
	ruleRecordSize    = "record-size"
	ruleRecordEmpty   = "record-empty"
	ruleRecordSpelt   = "record-spelling"
	ruleRecordRequest = "record-requests"

	ruleSpanID     = "span-id"
	ruleSpanTime   = "span-time"
	ruleSpanEnum   = "span-enum"
	ruleSpanParent = "span-parent-missing"
	ruleTraceID    = "trace-id"
	ruleTraceSplit = "trace-split"
	ruleTraceRoot  = "trace-root"

	ruleIterations = "iteration-missing"
	ruleStart      = "iteration-start"
	ruleTurn       = "turn-missing"

	ruleInstance = "instance"
	ruleScope    = "scope-version"
	ruleLog      = "log-record"
	ruleLogSpan  = "log-span"
	ruleMetric   = "metric"
	rulePoint    = "point"
	ruleExemplar = "exemplar"
	ruleOverlap  = "series-overlap"

	ruleCardinality = "cardinality"
)

var ownRules = []Rule{
	{ruleManifest, "manifest.json is none"},
	{ruleManifestValue, "a value in the manifest that no run writes"},
	{ruleSpelling, "the manifest is spelled in another way"},
	{ruleSums, "SHA256SUMS is none"},
	{ruleFileMissing, "a file is missing"},
	{ruleFileExtra, "a file that does not belong there"},
	{ruleFileChanged, "a file is not as it was written"},
	{ruleFileRead, "a file cannot be read or opened"},
	{ruleFileTwice, "a segment is there in two compressions"},
	{ruleDigest, "the content of a file is not what the manifest says"},
	{ruleSize, "a file has more or fewer bytes than the manifest says"},
	{ruleCounts, "a file has more or fewer records or items than the manifest says"},
	{ruleTimes, "the times in a file are not those that the manifest says"},
	{ruleHeads, "two files begin alike"},
	{ruleNotJudged, "something could not be judged"},
	{ruleRemade, "the content is not what the inputs give"},

	{ruleRecord, "a record cannot be decoded"},
	{ruleRecordSize, "a record is too long"},
	{ruleRecordEmpty, "a record holds nothing"},
	{ruleRecordSpelt, "a record is encoded in another way than records are written"},
	{ruleRecordRequest, "a record does not hold the requests that it should"},

	{ruleSpanID, "a span id is zero, there twice, or not one of the trace's"},
	{ruleSpanTime, "a span is not inside its parent, or ends before it starts"},
	{ruleSpanEnum, "a kind or status that OTLP does not have"},
	{ruleSpanParent, "the parent of a span is not in the trace"},
	{ruleTraceID, "a trace id is not one that the seed gives"},
	{ruleTraceSplit, "a trace is in several records"},
	{ruleTraceRoot, "a trace has no root, or several"},

	{ruleIterations, "an iteration of the segment has no spans"},
	{ruleStart, "an iteration starts at another time than the manifest says"},
	{ruleTurn, "a turn of an iteration is missing"},

	{ruleScope, "a scope has another version than the revision"},
	{ruleInstance, "a resource is not of the process that its segment is"},
	{ruleLog, "a log record has no time, no severity or no ids"},
	{ruleLogSpan, "a log record disagrees with its span"},
	{ruleMetric, "a metric has no name, no points, or another temporality"},
	{rulePoint, "a point disagrees with itself or with the one before"},
	{ruleExemplar, "an exemplar disagrees with its span or its point"},
	{ruleOverlap, "two segments write one series at a time"},
}
