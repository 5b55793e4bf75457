package scenario

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"testing"
)

// fileKeys are the keys of scenario files, level by level.
var fileKeys = map[string][]string{
	"scenario": scenarioKeys, "expected": expectedKeys, "context": contextKeys, "correct_flow": flowStepsKeys,
	"error_config": errorConfigKeys, "data_plane": dataPlaneKeys, "step": settingKeys, "control_plane": requestPlaneKeys,
	"policy_exception": exceptionKeys, "conversation": conversationKeys, "turn": turnKeys, "message": messageKeys, "tool": overlayKeys, "sample": toolSampleKeys,
	"realistic_overrides": overrideKeys, "node": nodeKeys, "error": errorModelKeys, "propagation": propagationKeys,
	"retry": retryKeys, "latency": plainLatencyKeys, "one_of": oneOfKeys, "evaluation": evaluationKeys,
}

// The example shows every key that a scenario file can have, and every
// distribution with each of its parameters: used, or in a comment.
func TestTheExampleHasEveryKey(t *testing.T) {
	text, err := os.ReadFile("../../../definitions/example_scenario.yaml")
	if err != nil {
		t.Fatal(err)
	}
	shows := func(word string) bool {
		return regexp.MustCompile(`(?m)(^|[^a-z_.])` + regexp.QuoteMeta(word) + `:( |$)`).Match(text)
	}
	for _, level := range slices.Sorted(maps.Keys(fileKeys)) {
		for _, key := range fileKeys[level] {
			if !shows(key) {
				t.Errorf("%s: the example does not show %s", level, key)
			}
		}
	}
	for _, name := range distributionNames() {
		if !regexp.MustCompile(`distribution: ` + name + `\b`).Match(text) {
			t.Errorf("the example does not show the distribution %s", name)
		}
		for _, key := range distributions[name] {
			if !shows(key) {
				t.Errorf("distribution %s: the example does not show %s", name, key)
			}
		}
	}
}

// The distributions that the example shows in comments are right.
func TestTheDistributionsOfTheExampleLoad(t *testing.T) {
	text, err := os.ReadFile("../../../definitions/example_scenario.yaml")
	if err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile(`(?m)^#: (\{.*\})`).FindAllSubmatch(text, -1)
	if len(shown) < len(distributions) {
		t.Fatalf("%d are shown", len(shown))
	}
	for _, line := range shown {
		_, problems := parse(t, ctx+"root: {children: [{type: planner, latency: "+string(line[1])+"}]}\n")
		checkLines(t, problems)
	}
}

// Every list of keys that belongs to scenario files is looked at above: those
// of the Config and the resource file have examples of their own.
func TestNoLevelOfScenarioFilesIsForgotten(t *testing.T) {
	source, err := os.ReadFile("keys.go")
	if err != nil {
		t.Fatal(err)
	}
	others := []string{"configKeys", "idFormatKeys", "latencyKeys", "tenantKeys", "agentKeys", "serverKeys", "serviceKeys", "structureKeys", "fieldKeys", "realisticKeys",
		"errorKeys", "samplesKeys", "sampleKeys", "controlKeys", "cpLatencyKeys", "flowKeys", "requestKeys", "responseKeys", "rateKeys",
		"findingKeys", "registeredKeys", "phaseKeys", "cardinalityKeys", "modelKeys", "tokenKeys", "modelLatencyKeys", "resourceKeys", "sectionKeys"}
	lists := regexp.MustCompile(`(?m)^\t(\w+Keys)\s+= (\[\]string|keysOf)`).FindAllSubmatch(source, -1)
	if len(lists) != len(fileKeys)+len(others) {
		t.Errorf("%d lists of keys, %d are of scenario files and %d of others: add the new one to fileKeys, or to the others", len(lists), len(fileKeys), len(others))
	}
}
