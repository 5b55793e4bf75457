# Everything but race works without a C compiler.
GO ?= go
FUZZTIME ?= 30s
export CGO_ENABLED ?= 0

.PHONY: build demo test race prove lint golden corpora fuzz bench growth fma cross e2e jaeger-up jaeger-down clean

build:  ; $(GO) build -o bin/ ./cmd/...
demo:   ; GO="$(GO)" sh .ci/demo
# Its garbage is collected less often, but before a process gets large: processes
# that live for a tenth of a second would spend a quarter of that on it. What tests
# say of memory they say of processes that collect theirs as usual.
test: export GOGC = 400
test: export GOMEMLIMIT = 1GiB
# Its corpora are written to memory where there are 2 GB of it to write to: the disk
# that syncs them ten thousand times is not what is tested, and a third of the time.
test: export GOTMPDIR := $(or $(GOTMPDIR),$(TMPDIR),/tmp)
test: export TMPDIR := $(shell test "$$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $$4 }')" -gt 2000000 2>/dev/null && echo /dev/shm || echo "$${TMPDIR:-/tmp}")
test:   ; $(GO) test -timeout 20m ./...
# The packages that start goroutines; that the others start none is linted. The
# generator's faults from outside, which test files, run once without, and so do the
# scripts in which it only reads and says something.
race:
	CGO_ENABLED=1 $(GO) test -race -timeout 30m ./cmd/otelsim-replay ./pkg/corpus/... ./pkg/verify ./pkg/match ./pkg/profile/intake ./pkg/replay/... ./pkg/internal/... ./internal/...
	CGO_ENABLED=1 $(GO) test -race -timeout 30m -run 'Scripts/(generate|resume|diff|verify_regenerate|show_range)|Interrupt|Progress|ManyRuns' ./cmd/otelsim-gen
# What takes minutes: each proof with its seed.
prove:
	$(GO) test -count=1 -timeout 60m ./cmd/otelsim-gen -run TestKilledThenResumed -kills 100
	$(GO) test -count=1 -timeout 60m ./cmd/otelsim-gen -run 'Kill|Interrupt|FullDisk|Shard|Memory' -full
	$(GO) test -count=1 -timeout 60m ./cmd/otelsim-gen -run TestMutants -mutants 2000 -mutant-seed 1
	CGO_ENABLED=1 $(GO) test -race -count=1 -timeout 60m ./pkg/replay -run TestHostileReceivers -iterations 5
	$(GO) test -count=1 -timeout 60m ./cmd/otelsim-gen -run TestTamperings -tamperings 2000 -tamper-seed 1
	$(GO) test -count=1 -timeout 60m ./pkg/match/judge -run 'WasDone|Planted|InTheSource' -seeds 200 -source-faults
	$(GO) test -count=1 -timeout 60m -v ./cmd/otelsim-replay -run TestCheckScales -items 10000000
	$(GO) test -count=1 -timeout 60m -v ./cmd/otelsim-replay -run TestReplayTakesLittleMemory -replay-sessions 50000
	$(GO) test -count=1 -timeout 60m ./pkg/build -run TestBundledScenariosConform -full -apiece -iterations 20000
	$(GO) test -count=1 -timeout 60m ./pkg/conform/trial -run TestTrialsOfHugeInputs -full
	$(GO) test -count=1 -timeout 60m ./pkg/profile/distance -run TestCorporaOfTwoSeeds -sessions 2000
	$(GO) test -count=1 -timeout 60m ./pkg/profile -run TestProfilesAreOfTheSet -seeds 50
	$(GO) test -count=1 -timeout 60m -v ./cmd/otelsim-gen -run TestProfileScales -profiled-spans 10000000
	$(GO) test -count=1 -timeout 120m ./cmd/otelsim-gen -run TestRoundTrip -roundtrip-seeds 20
lint:   ; $(GO) vet ./... && $(GO) test -count=1 ./pkg/internal/lint
golden: ; $(GO) test -count=1 ./golden -update
# The corpora of docs/corpora.md, the large ones too.
corpora: ; $(GO) test -count=1 -timeout 60m ./golden -run TestNamedCorpora -all
fuzz:   ; GO="$(GO)" FUZZTIME="$(FUZZTIME)" sh .ci/fuzz
# Ends in a table of what the commands cost against each other: docs/performance.md.
bench:
	$(GO) test -run '^$$' -bench . -cpu 1 ./pkg/...
	@$(GO) test -count=1 -timeout 60m ./pkg/internal/bench -v -run TestRatios -rounds 7
# Draws growth.html: what more of each costs.
growth: ; $(GO) test -count=1 -timeout 120m ./pkg/internal/bench -v -run TestGrowth -growth "$(CURDIR)/growth.html"
fma:    ; @GO="$(GO)" sh .ci/fma
cross:  ; GO="$(GO)" sh .ci/cross
# Builds the Collector and Jaeger. E2EFLAGS=-v prints what arrived, by protocol.
e2e:    ; cd e2e && nice $(GO) test -count=1 -p 2 -timeout 30m $(E2EFLAGS) ./...
jaeger-up:   ; @sh .ci/jaeger up
jaeger-down: ; @sh .ci/jaeger down
clean:  ; rm -rf bin demo-corpus e2e/bin growth.html
