// Package damage is a receiver that does to telemetry what pipelines should not:
// it loses, doubles, alters, moves, splits, delays and reorders items, chosen by a
// seed, and keeps a list of what it did. What is to find such damage is held to the
// list, item for item. It is for tests.
//
//	p := damage.New(damage.Options{Seed: 1, Items: 100, Kinds: damage.Kinds()})
//	server := httptest.NewServer(p)
//	// ... send to it, one request at a time
//	r, err := p.Finish()
//	err = r.WriteFiles(dir, true)    // what arrived, as a file exporter writes it
//	list := r.Expect(damage.Known{}) // what became of each item that was touched
//
// Requests come one after the other, so that the seed alone decides what happens
// to which. An item gets one kind of damage at most, and none when its request did.
// What follows for the order and the messages of a trace is read off what arrived,
// each piece of which remembers the item that it was.
//
// It decodes with the messages of protobuf and shares no code with what compares.
package damage
