package damage

// Kind is one kind of damage.
type Kind uint8

// The kinds. Those of requests come first.
const (
	None          Kind = iota
	LoseRequest        // answered 200 and lost
	RefuseLost         // some items refused, those lost
	RefuseKept         // some items refused, none lost
	RefuseMore         // more items lost than refused
	FailLost           // answered 400 and lost
	FailKept           // answered 400 and kept
	CutLost            // no answer, lost
	CutKept            // no answer, kept
	Retried            // answered 503 and kept, and when it comes again kept again
	Delay              // arrives later than any limit
	Split              // the end of a trace goes into a message of its own
	AlterResource      // an attribute of a resource changes, with all that is under it
	numRequest

	Drop          Kind = iota - 1 // an item is lost
	Double                        // it arrives twice or three times
	DoubleAltered                 // twice, the second time changed
	MoveResource                  // under another resource of the request
	MoveScope                     // under another scope of the request
	Reorder                       // behind the last of its trace
	MakeUp                        // an item that nobody sent is put behind it
	Truncate                      // the value of an attribute is cut
	LoseUnknown                   // fields that the protocol does not know are lost
	AttributeValue
	AttributeRemoved
	AttributeAdded
	Name
	Status
	StartTime
	EndTime
	SpanKind
	ParentID
	EventRemoved
	EventName
	LinkChanged
	Body
	Severity
	Value
	BucketCount
	ExemplarRemoved
	MetricUnit
	ItemResource // an attribute of the resource changes, for one item
	ItemScope    // the version of the scope changes, for one item
	numKinds
)

var kindNames = [numKinds]string{
	None: "none", LoseRequest: "lose request", RefuseLost: "refuse, lost", RefuseKept: "refuse, kept", RefuseMore: "refuse, more lost",
	FailLost: "fail, lost", FailKept: "fail, kept", CutLost: "cut, lost", CutKept: "cut, kept", Retried: "retried", Delay: "delay",
	Split: "split", AlterResource: "alter resource", Drop: "drop", Double: "double", DoubleAltered: "double, altered",
	MoveResource: "move to resource", MoveScope: "move to scope", Reorder: "reorder", MakeUp: "make up", Truncate: "truncate",
	LoseUnknown: "lose unknown fields", AttributeValue: "attribute value", AttributeRemoved: "attribute removed",
	AttributeAdded: "attribute added", Name: "name", Status: "status", StartTime: "start time", EndTime: "end time",
	SpanKind: "span kind", ParentID: "parent id", EventRemoved: "event removed", EventName: "event name", LinkChanged: "link changed",
	Body: "body", Severity: "severity", Value: "value", BucketCount: "bucket count", ExemplarRemoved: "exemplar removed",
	MetricUnit: "metric unit", ItemResource: "resource of an item", ItemScope: "scope of an item",
}

// String returns the kind's name.
func (k Kind) String() string { return kindNames[k] }

// Request reports whether k is done to whole requests.
func (k Kind) Request() bool { return k > None && k < numRequest }

// Kinds returns all kinds of damage.
func Kinds() (all []Kind) {
	for k := None + 1; k < numKinds; k++ {
		all = append(all, k)
	}
	return all
}

// attributes reports whether k changes the attributes of an item.
func (k Kind) attributes() bool {
	return k == Truncate || k == AttributeValue || k == AttributeRemoved || k == AttributeAdded
}
