// Package pattern matches events with EventBridge event patterns. It holds the
// whole language of
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html.
//
// # Structure
//
// A pattern is a JSON object that looks like the events it matches:
//
//	{"source": ["aws.s3"], "detail": {"object": {"size": [{"numeric": [">", 0]}]}}}
//
// A field's pattern is an object, for an object in the event, or an array of
// alternatives, for a value. An event matches if every field of the pattern
// does; fields of the event that the pattern does not name do not matter.
// Names match exactly. Of a name that an object has twice, in the pattern or
// in the event, the last counts.
//
// "$or" takes two or more objects and holds when one of them does; their fields
// stand where $or stands. It may occur in any object, beside other fields.
//
// Where the event has an array, one element is enough. Elements of arrays in
// arrays count as elements of the outer one. If the pattern is an object, one
// element of the array must meet all of it: {"a": {"x": [1], "y": [2]}} does
// not match {"a": [{"x": 1}, {"y": 2}]}.
//
// # Alternatives
//
//	"text"                              that string, "" included
//	5, true, false, null                that value; numbers by value: 5 = 5.0 = 5e0
//	{"prefix": "a"}                     a string that begins so
//	{"suffix": "a"}                     a string that ends so
//	{"equals-ignore-case": "a"}         that string, its letters in either case
//	{"prefix": {"equals-ignore-case": "a"}}, and suffix likewise
//	{"wildcard": "a*b"}                 * is any run of characters; \* and \\ are * and \
//	{"numeric": ["=", 5]}               also <, <=, >, >=; a number, by value
//	{"numeric": [">", 0, "<=", 5]}      a lower and an upper bound
//	{"cidr": "10.0.0.0/8"}              a string that is an address of the block, IPv4 or IPv6
//	{"exists": true}                    the field has a value; null is one
//	{"exists": false}                   the field is absent
//	{"anything-but": "a"}               a value that is not this one; also a number
//	{"anything-but": ["a", "b"]}        a value that is none of these; also numbers
//	{"anything-but": {"prefix": "a"}}   a value that does not begin so; also suffix,
//	                                    equals-ignore-case and wildcard, and lists
//
// Values of different JSON types are never equal: "5" does not match 5. Only
// {"exists": false} matches an absent field; anything-but does not. A field has
// a value when it holds a string, number, boolean or null, or an array with
// one: an object or an empty array is no value. Case is ignored by Unicode's
// simple case folding. Numbers are compared exactly, with all their digits.
//
// # What is refused
//
// Compile refuses empty objects and arrays, arrays in arrays, expressions with
// other than one key, unknown expressions, operands of the wrong type, empty
// strings and mixed types in anything-but, numeric operands beyond ±5e9 and
// ranges without numbers in them, two asterisks in a row, and a backslash
// before anything but * and \.
//
// # Beyond the documentation
//
// Two mentions of one array, as in two alternatives of $or, may be met by
// different elements. {"exists": false} in an object holds for an array of
// objects if one of them lacks the field. exists is about values: a field that
// holds an object does not exist in this sense.
package pattern
