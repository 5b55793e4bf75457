package signals

import "math/bits"

// reading is how an instance is at a tick. What counts up does so from the start of
// the segment, which is the life of a process.
type reading struct {
	cores, memory int64 // what it may use
	active        int64 // requests under work
	connections   int64 // in use, of all pools

	elapsed     uint64 // nanoseconds
	cpu         uint64 // nanoseconds of all cores
	loop        uint64 // nanoseconds in which an event loop was busy
	allocated   uint64 // bytes
	collections int64

	took, spun, length uint64 // since the tick before: cpu, loop, elapsed
	used               int64  // bytes of memory
	pause, delay       int64  // nanoseconds
}

// vital is a metric of a runtime: one of its series.
type vital struct {
	name, description string
	kind              string   // of the runtimes that have it; empty: of all
	attrs             []string // of its points: name, value, and so on
	bounds            []float64
	of                func(now *reading) int64
}

// threadDaemon is a dimension that is true or false.
const threadDaemon = "jvm.thread.daemon"

// Bounds of histograms of pauses, in seconds.
var (
	pauseBounds   = []float64{0.00001, 0.0001, 0.001, 0.01, 0.1, 1}
	collectBounds = []float64{0.01, 0.1, 1, 10} // as the conventions advise
)

// portion is v in so many parts of a thousand.
func portion(v uint64, thousandths uint64) int64 { return int64(scaled(v, thousandths, 1000)) }

// scaled is v x by / over, rounded down, as far as it can be held.
func scaled(v, by, over uint64) uint64 {
	hi, lo := bits.Mul64(v, by)
	if hi >= over {
		return 1<<63 - 1
	}
	q, _ := bits.Div64(hi, lo, over)
	return min(q, 1<<63-1)
}

// userShare is the time of processors that is not the system's, in parts of a
// thousand.
const userShare = 820

func (r *reading) user() int64   { return portion(r.cpu, userShare) }
func (r *reading) system() int64 { return int64(r.cpu) - r.user() }

// use is a time since the tick before as a share of what all cores had, in
// millionths.
func (r *reading) use(nanos int64) int64 {
	if r.length == 0 {
		return 0
	}
	return int64(scaled(uint64(nanos), millionths, r.length*uint64(r.cores)))
}

func (r *reading) idle() int64 { return int64(r.elapsed*uint64(r.cores) - r.cpu) }

// part is so many parts of a thousand of the memory in use.
func (r *reading) part(thousandths uint64) int64 { return portion(uint64(r.used), thousandths) }

// turning is the event loop's share of the time since the tick before, in millionths.
func (r *reading) turning() int64 {
	if r.length == 0 {
		return 0
	}
	return int64(scaled(r.spun, millionths, r.length))
}

// The pools of memory of a JVM, in parts of a thousand.
const (
	eden, survivor, old = 250, 40, 490
	metaspace           = 1000 - eden - survivor - old
	spare               = 1125 // of what is in use, what is set aside for it
)

// classes are those that a JVM has loaded when it runs.
const classes = 8231

// vitals are the metrics of runtimes, by runtime.
var vitals = []vital{
	{"process.cpu.time", "Time of processors that was taken", "", []string{"cpu.mode", "user"}, nil, (*reading).user},
	{"process.cpu.time", "Time of processors that was taken", "", []string{"cpu.mode", "system"}, nil, (*reading).system},
	{"process.cpu.utilization", "Share of its processors that was taken", "", []string{"cpu.mode", "user"}, nil, func(r *reading) int64 { return r.use(portion(r.took, userShare)) }},
	{"process.cpu.utilization", "Share of its processors that was taken", "", []string{"cpu.mode", "system"}, nil, func(r *reading) int64 { return r.use(int64(r.took) - portion(r.took, userShare)) }},
	{"process.memory.usage", "Memory in use", "", nil, nil, func(r *reading) int64 { return r.used }},
	{"process.memory.utilization", "Share of its memory that is in use", "", nil, nil, func(r *reading) int64 { return int64(scaled(uint64(r.used), millionths, uint64(r.memory))) }},
	{"process.thread.count", "Threads", "", nil, nil, func(r *reading) int64 { return 4 + 2*r.cores + r.active }},
	{"process.unix.file_descriptor.count", "Open files and sockets", "", nil, nil, func(r *reading) int64 { return 24 + r.active + r.connections }},
	{"process.uptime", "How long it has run", "", nil, nil, func(r *reading) int64 { return int64(r.elapsed) }},

	{"go.cpu.time", "Time of processors, by what they did", "go", []string{"go.cpu.state", "user"}, nil, func(r *reading) int64 { return portion(r.cpu, 880) }},
	{"go.cpu.time", "Time of processors, by what they did", "go", []string{"go.cpu.state", "gc"}, nil, func(r *reading) int64 { return portion(r.cpu, 110) }},
	{"go.cpu.time", "Time of processors, by what they did", "go", []string{"go.cpu.state", "scavenge"}, nil, func(r *reading) int64 { return int64(r.cpu) - portion(r.cpu, 880) - portion(r.cpu, 110) }},
	{"go.cpu.time", "Time of processors, by what they did", "go", []string{"go.cpu.state", "idle"}, nil, (*reading).idle},
	{"go.goroutine.count", "Goroutines", "go", nil, nil, func(r *reading) int64 { return 12 + 2*r.active + r.connections }},
	{"go.memory.allocated", "Memory that was allocated", "go", nil, nil, func(r *reading) int64 { return int64(r.allocated) }},
	{"go.memory.allocations", "Objects that were allocated", "go", nil, nil, func(r *reading) int64 { return int64(r.allocated / 96) }},
	{"go.memory.gc.cycles", "Collections that were completed", "go", nil, nil, func(r *reading) int64 { return r.collections }},
	{"go.memory.gc.goal", "Size of the heap at which the next collection ends", "go", nil, nil, func(r *reading) int64 { return r.part(spare) }},
	{"go.memory.gc.pause.duration", "How long collections stopped everything", "go", nil, pauseBounds, func(r *reading) int64 { return r.pause / 100 }},
	{"go.memory.limit", "Memory that may be used", "go", nil, nil, func(r *reading) int64 { return r.memory }},
	{"go.memory.used", "Memory in use", "go", []string{"go.memory.type", "stack"}, nil, func(r *reading) int64 { return r.part(60) }},
	{"go.memory.used", "Memory in use", "go", []string{"go.memory.type", "other"}, nil, func(r *reading) int64 { return r.used - r.part(60) }},
	{"go.processor.limit", "Threads that may run Go code at a time", "go", nil, nil, func(r *reading) int64 { return r.cores }},
	{"go.config.gogc", "How much a heap may grow until it is collected", "go", nil, nil, func(*reading) int64 { return 100 }},

	{"jvm.cpu.time", "Time of processors that was taken", "jvm", nil, nil, func(r *reading) int64 { return int64(r.cpu) }},
	{"jvm.cpu.count", "Processors that it may use", "jvm", nil, nil, func(r *reading) int64 { return r.cores }},
	{"jvm.cpu.recent_utilization", "Share of its processors that was taken", "jvm", nil, nil, func(r *reading) int64 { return r.use(int64(r.took)) }},
	{"jvm.memory.used", "Memory in use", "jvm", inPool("heap", "G1 Eden Space"), nil, func(r *reading) int64 { return r.part(eden) }},
	{"jvm.memory.used", "Memory in use", "jvm", inPool("heap", "G1 Survivor Space"), nil, func(r *reading) int64 { return r.part(survivor) }},
	{"jvm.memory.used", "Memory in use", "jvm", inPool("heap", "G1 Old Gen"), nil, func(r *reading) int64 { return r.part(old) }},
	{"jvm.memory.used", "Memory in use", "jvm", inPool("non_heap", "Metaspace"), nil, func(r *reading) int64 { return r.part(metaspace) }},
	{"jvm.memory.committed", "Memory that is set aside", "jvm", inPool("heap", "G1 Eden Space"), nil, func(r *reading) int64 { return portion(uint64(r.part(eden)), spare) }},
	{"jvm.memory.committed", "Memory that is set aside", "jvm", inPool("heap", "G1 Survivor Space"), nil, func(r *reading) int64 { return portion(uint64(r.part(survivor)), spare) }},
	{"jvm.memory.committed", "Memory that is set aside", "jvm", inPool("heap", "G1 Old Gen"), nil, func(r *reading) int64 { return portion(uint64(r.part(old)), spare) }},
	{"jvm.memory.committed", "Memory that is set aside", "jvm", inPool("non_heap", "Metaspace"), nil, func(r *reading) int64 { return portion(uint64(r.part(metaspace)), spare) }},
	{"jvm.memory.limit", "Memory that may be used", "jvm", inPool("heap", "G1 Old Gen"), nil, func(r *reading) int64 { return portion(uint64(r.memory), 1000-metaspace) }},
	{"jvm.memory.limit", "Memory that may be used", "jvm", inPool("non_heap", "Metaspace"), nil, func(r *reading) int64 { return r.memory - portion(uint64(r.memory), 1000-metaspace) }},
	{"jvm.thread.count", "Threads", "jvm", threads("false", "runnable"), nil, func(r *reading) int64 { return 1 + r.active }},
	{"jvm.thread.count", "Threads", "jvm", threads("true", "waiting"), nil, func(*reading) int64 { return 3 }},
	{"jvm.thread.count", "Threads", "jvm", threads("true", "timed_waiting"), nil, func(r *reading) int64 { return 2 * r.cores }},
	{"jvm.class.loaded", "Classes that were loaded", "jvm", nil, nil, func(*reading) int64 { return classes }},
	{"jvm.class.count", "Classes that are loaded", "jvm", nil, nil, func(*reading) int64 { return classes }},
	{"jvm.gc.duration", "How long collections took", "jvm", []string{"jvm.gc.action", "end of minor GC", "jvm.gc.name", "G1 Young Generation"}, collectBounds, func(r *reading) int64 { return r.pause }},

	{"nodejs.eventloop.time", "Time of the event loop, by what it did", "nodejs", []string{"nodejs.eventloop.state", "active"}, nil, func(r *reading) int64 { return int64(r.loop) }},
	{"nodejs.eventloop.time", "Time of the event loop, by what it did", "nodejs", []string{"nodejs.eventloop.state", "idle"}, nil, func(r *reading) int64 { return int64(r.elapsed - r.loop) }},
	{"nodejs.eventloop.utilization", "Share of the time in which the event loop was busy", "nodejs", nil, nil, (*reading).turning},
	{"nodejs.eventloop.delay.min", "Least delay of the event loop", "nodejs", nil, nil, func(r *reading) int64 { return r.delay / 4 }},
	{"nodejs.eventloop.delay.max", "Greatest delay of the event loop", "nodejs", nil, nil, func(r *reading) int64 { return r.delay * 6 }},
	{"nodejs.eventloop.delay.mean", "Mean delay of the event loop", "nodejs", nil, nil, func(r *reading) int64 { return r.delay }},
	{"nodejs.eventloop.delay.stddev", "Standard deviation of the delay of the event loop", "nodejs", nil, nil, func(r *reading) int64 { return r.delay * 3 / 4 }},
	{"nodejs.eventloop.delay.p50", "Median delay of the event loop", "nodejs", nil, nil, func(r *reading) int64 { return r.delay * 7 / 8 }},
	{"nodejs.eventloop.delay.p90", "90th percentile of the delay of the event loop", "nodejs", nil, nil, func(r *reading) int64 { return r.delay * 2 }},
	{"nodejs.eventloop.delay.p99", "99th percentile of the delay of the event loop", "nodejs", nil, nil, func(r *reading) int64 { return r.delay * 4 }},
}

// inPool are the dimensions of a pool of memory of a JVM, threads those of its threads.
func inPool(typ, pool string) []string {
	return []string{"jvm.memory.pool.name", pool, "jvm.memory.type", typ}
}

func threads(daemon, state string) []string {
	return []string{threadDaemon, daemon, "jvm.thread.state", state}
}
