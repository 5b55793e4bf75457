package profile

// Options bounds a profile. The zero value stands for the defaults, with which one takes
// some 50 MB of common systems, and 250 MB where names and values have no end.
type Options struct {
	Classes     int // classes; 8,192
	Shapes      int // shapes; 32,768
	Productions int // runs of productions, and one for each production; 65,536
	Keys        int // keys of attributes of a class, an event, a service, a metric or a template; 256
	Others      int // services, metrics, templates of log records, keys in all, orders of sessions; 4,096 each
	Records     int // traces of sessions; 262,144, and half as many spans of which it is known what they say together
	Room        int // bytes for values of attributes of classes, beyond which fewer of each are kept, down to 32; 64 MiB
	Sample      int // bytes of the sample; 4 MiB
}

func (o Options) withDefaults() Options {
	for _, x := range []struct {
		at      *int
		instead int
	}{
		{&o.Classes, 1 << 13},
		{&o.Shapes, 1 << 15},
		{&o.Productions, 1 << 16},
		{&o.Keys, 1 << 8},
		{&o.Others, 1 << 12},
		{&o.Records, 1 << 18},
		{&o.Room, 64 << 20},
		{&o.Sample, 4 << 20},
	} {
		if *x.at <= 0 {
			*x.at = x.instead
		}
	}
	return o
}

// limit is how many values a table keeps, and how many registers count the others.
type limit struct{ most, precision int }

// levels are the limits of tables of classes: the first with which they fit into
// Options.Room, or else the last.
var levels = [...]limit{{256, 12}, {128, 12}, {64, 11}, {32, 10}}

// crowdedLevel is the one where classes or keys are left out: what the others take can
// then not be told whatever the order. None is beyond it, to which a part of it all might
// have come that is not crowded by itself.
const crowdedLevel = len(levels) - 1

var (
	keyLimit  = limit{256, 12} // of keys in all
	fewLimit  = limit{64, 11}  // of services, scopes, messages
	bareLimit = limit{32, 10}  // of templates and metrics
	// A metric has hundreds of series, which are counted one by one: of many they are told to 1.6 %.
	seriesLimit = limit{1024, 12}
)

// Windows of time: how many at most, and how wide at least.
const (
	traceWindows, traceShift = 8192, 24 // 17 ms
	classWindows, classShift = 1024, 30 // 1.07 s
)
