package pattern

import "testing"

func TestPatterns(t *testing.T) {
	const event = `{"source":"aws.s3","detail-type":"Object Created","n":300,"f":5.0,"t":true,"z":null,"e":"","ip":"10.1.2.3","ip6":"2001:db8::1",
		"list":["a","b"],"empty":[],"nested":[["x"],[["y"]]],"objs":[{"k":1,"m":2},{"k":2,"m":3}],
		"detail":{"bucket":{"name":"Logs"},"esc":"a\"b\u00e9","dup":1,"dup":2}}`
	tests := []struct {
		name, pattern string
		want          bool
	}{
		{"an exact string matches itself", `{"source":["aws.s3"]}`, true},
		{"a string does not match in another case", `{"source":["AWS.s3"]}`, false},
		{"names match in their exact case only", `{"Source":["aws.s3"]}`, false},
		{"one alternative is enough", `{"source":["x","aws.s3"]}`, true},
		{"all fields must match", `{"source":["aws.s3"],"n":[1]}`, false},
		{"a number matches by value: 300.0", `{"n":[300.0]}`, true},
		{"a number matches by value: 3e2", `{"n":[3e2]}`, true},
		{"a number matches by value: 5", `{"f":[5]}`, true},
		{"a number is no string", `{"n":["300"]}`, false},
		{"true is no string", `{"t":["true"]}`, false},
		{"true matches true", `{"t":[true]}`, true},
		{"null matches null", `{"z":[null]}`, true},
		{"null does not match an absent field", `{"gone":[null]}`, false},
		{"the empty string matches itself", `{"e":[""]}`, true},
		{"the empty string does not match null", `{"z":[""]}`, false},
		{"prefix", `{"source":[{"prefix":"aws."}]}`, true},
		{"prefix in any case", `{"source":[{"prefix":{"equals-ignore-case":"AWS."}}]}`, true},
		{"suffix", `{"source":[{"suffix":".s3"}]}`, true},
		{"suffix in any case", `{"source":[{"suffix":{"equals-ignore-case":".S3"}}]}`, true},
		{"equals-ignore-case", `{"detail":{"bucket":{"name":[{"equals-ignore-case":"lOGS"}]}}}`, true},
		{"equals-ignore-case wants all of the text", `{"detail":{"bucket":{"name":[{"equals-ignore-case":"lOG"}]}}}`, false},
		{"anything-but another string", `{"source":[{"anything-but":"aws.ec2"}]}`, true},
		{"anything-but the string", `{"source":[{"anything-but":["aws.s3"]}]}`, false},
		{"anything-but does not match an absent field", `{"gone":[{"anything-but":"x"}]}`, false},
		{"anything-but prefix", `{"source":[{"anything-but":{"prefix":"aws"}}]}`, false},
		{"anything-but prefixes", `{"source":[{"anything-but":{"prefix":["x","y"]}}]}`, true},
		{"anything-but suffixes", `{"source":[{"anything-but":{"suffix":["x","s3"]}}]}`, false},
		{"anything-but equals-ignore-case", `{"source":[{"anything-but":{"equals-ignore-case":["AWS.S3"]}}]}`, false},
		{"anything-but wildcard", `{"source":[{"anything-but":{"wildcard":"a*3"}}]}`, false},
		{"anything-but numbers", `{"n":[{"anything-but":[3e2,5]}]}`, false},
		{"numeric range", `{"n":[{"numeric":[">",0,"<=",300]}]}`, true},
		{"numeric bound", `{"n":[{"numeric":["<",300]}]}`, false},
		{"numeric does not match a string", `{"source":[{"numeric":["<",300]}]}`, false},
		{"cidr v4", `{"ip":[{"cidr":"10.1.0.0/16"}]}`, true},
		{"cidr v4 of another network", `{"ip":[{"cidr":"10.2.0.0/16"}]}`, false},
		{"cidr v6", `{"ip6":[{"cidr":"2001:db8::/32"}]}`, true},
		{"exists", `{"ip":[{"exists":true}]}`, true},
		{"null exists", `{"z":[{"exists":true}]}`, true},
		{"exists false", `{"gone":[{"exists":false}]}`, true},
		{"exists false below an absent object", `{"gone":{"deep":[{"exists":false}]}}`, true},
		{"exists is about values, not objects", `{"detail":[{"exists":true}]}`, false},
		{"an empty array has no value", `{"empty":[{"exists":false}]}`, true},
		{"exists false or a value", `{"gone":["x",{"exists":false}]}`, true},
		{"wildcard", `{"source":[{"wildcard":"a*.*3"}]}`, true},
		{"wildcard does not match half of the text", `{"source":[{"wildcard":"a*."}]}`, false},
		{"one element of an array is enough", `{"list":["b","c"]}`, true},
		{"arrays in arrays count as one", `{"nested":["y"]}`, true},
		{"anything-but over an array wants one element", `{"list":[{"anything-but":"a"}]}`, true},
		{"an object in an array", `{"objs":{"k":[2],"m":[3]}}`, true},
		{"one object must meet the whole pattern", `{"objs":{"k":[1],"m":[3]}}`, false},
		{"$or by its first", `{"$or":[{"source":["aws.s3"]},{"n":[1]}]}`, true},
		{"$or by its second", `{"$or":[{"source":["x"]},{"n":[300]}]}`, true},
		{"$or by none", `{"$or":[{"source":["x"]},{"n":[1]}]}`, false},
		{"$or beside fields", `{"n":[1],"$or":[{"source":["aws.s3"]},{"n":[300]}]}`, false},
		{"$or in an object", `{"detail":{"$or":[{"x":[1]},{"bucket":{"name":["Logs"]}}]}}`, true},
		{"escapes are undone", `{"detail":{"esc":["a\u0022b\u00e9"]}}`, true},
		{"of a name that occurs twice the last counts", `{"detail":{"dup":[2]}}`, true},
		{"of a name that occurs twice the first does not", `{"detail":{"dup":[1]}}`, false},
		{"in a pattern too the last counts", `{"n":[1],"n":[300]}`, true},
		{"a scalar has no fields", `{"source":{"x":["aws.s3"]}}`, false},
		{"a leaf does not match an object", `{"detail":["x"]}`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := Compile([]byte(tt.pattern))
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.Match([]byte(event))
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("%s: got %v", tt.pattern, got)
			}
		})
	}
}

func TestInvalidPatternsAreRefusedWithTheirPath(t *testing.T) {
	tests := []struct{ pattern, want string }{
		{``, "invalid event pattern: EOF"},
		{`{"a":[1]} x`, "invalid event pattern: more than one JSON value"},
		{`[1]`, "invalid event pattern: an event pattern is a JSON object"},
		{`{}`, "invalid event pattern: empty objects are not allowed"},
		{`{"a":{}}`, "invalid event pattern: a: empty objects are not allowed"},
		{`{"a":{"b":[]}}`, "invalid event pattern: a.b: empty arrays are not allowed"},
		{`{"a":{"b":"x"}}`, "invalid event pattern: a.b: a field's pattern is an object or an array"},
		{`{"a":["x",["y"]]}`, "invalid event pattern: a[1]: an array in an array is not allowed"},
		{`{"a":[{"starts":"y"}]}`, `invalid event pattern: a[0].starts: unknown match type "starts"`},
		{`{"a":[{"prefix":"y","suffix":"z"}]}`, "invalid event pattern: a[0]: a match expression has exactly one key"},
		{`{"a":[{"prefix":5}]}`, `invalid event pattern: a[0].prefix: prefix takes a string or {"equals-ignore-case": string}`},
		{`{"a":[{"prefix":{"Equals-ignore-case":"x"}}]}`, `invalid event pattern: a[0].prefix: prefix takes a string or {"equals-ignore-case": string}`},
		{`{"a":[{"equals-ignore-case":["x"]}]}`, "invalid event pattern: a[0].equals-ignore-case: equals-ignore-case takes a string"},
		{`{"a":[{"exists":"true"}]}`, "invalid event pattern: a[0].exists: exists takes true or false"},
		{`{"a":[{"cidr":"10.0.0.0"}]}`, `invalid event pattern: a[0].cidr: "10.0.0.0" is no CIDR block`},
		{`{"a":[{"numeric":["<"]}]}`, `invalid event pattern: a[0].numeric: numeric takes an operator and a number, or a lower and an upper bound like [">=", 0, "<", 100]`},
		{`{"a":[{"numeric":["!",1]}]}`, "invalid event pattern: a[0].numeric: ! is no numeric operator (=, <, <=, >, >=)"},
		{`{"a":[{"numeric":["<","1"]}]}`, "invalid event pattern: a[0].numeric: numeric < takes a number"},
		{`{"a":[{"numeric":["<",5000000000.1]}]}`, "invalid event pattern: a[0].numeric: 5000000000.1 is not between -5e9 and 5e9"},
		{`{"a":[{"numeric":[">",5,"<",1]}]}`, "invalid event pattern: a[0].numeric: a numeric range is a lower bound, then an upper bound that is greater"},
		{`{"a":[{"numeric":["<",5,">",1]}]}`, "invalid event pattern: a[0].numeric: a numeric range is a lower bound, then an upper bound that is greater"},
		{`{"a":[{"wildcard":"x**y"}]}`, `invalid event pattern: a[0].wildcard: wildcard "x**y" has two asterisks in a row`},
		{`{"a":[{"wildcard":"**"}]}`, `invalid event pattern: a[0].wildcard: wildcard "**" has two asterisks in a row`},
		{`{"a":[{"wildcard":"x\\y"}]}`, `invalid event pattern: a[0].wildcard: wildcard "x\\y" has a \ that is not before * or \`},
		{`{"a":[{"anything-but":[]}]}`, "invalid event pattern: a[0].anything-but: empty arrays are not allowed"},
		{`{"a":[{"anything-but":["x",1]}]}`, "invalid event pattern: a[0].anything-but[1]: anything-but takes strings only or numbers only"},
		{`{"a":[{"anything-but":[true]}]}`, "invalid event pattern: a[0].anything-but[0]: anything-but takes strings only or numbers only"},
		{`{"a":[{"anything-but":null}]}`, "invalid event pattern: a[0].anything-but: anything-but takes a string, a number, a list or an expression"},
		{`{"a":[{"anything-but":{"prefix":""}}]}`, "invalid event pattern: a[0].anything-but.prefix: takes a string that is not empty, or a list of them"},
		{`{"a":[{"anything-but":{"cidr":"10.0.0.0/8"}}]}`, `invalid event pattern: a[0].anything-but.cidr: anything-but does not take "cidr"`},
		{`{"a":{"$or":[{"b":[1]}]}}`, "invalid event pattern: a.$or: $or takes an array of at least two objects"},
		{`{"$or":[{"b":[1]},{"c":2}]}`, "invalid event pattern: $or[1].c: a field's pattern is an object or an array"},
		{`{"$or":[{"b":[1]},"c"]}`, "invalid event pattern: $or[1]: an alternative of $or is an object"},
	}
	for _, tt := range tests {
		_, err := Compile([]byte(tt.pattern))
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s:\n got %v\nwant %s", tt.pattern, err, tt.want)
		}
	}
}

func TestWhatIsNoEventIsRefused(t *testing.T) {
	p, err := Compile([]byte(`{"a":[{"exists":false}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, event := range []string{``, ` `, `[]`, `null`, `"a"`, `{`, `{"a":1}}`, `{"a":1,}`, `{"a":01}`} {
		if matched, err := p.Match([]byte(event)); err == nil || matched {
			t.Errorf("%q: got %v, %v", event, matched, err)
		}
	}
}

func TestNumbersAreComparedWithAllTheirDigits(t *testing.T) {
	tests := []struct {
		pattern, event string
		want           bool
	}{
		{`{"n":[9007199254740993]}`, `{"n":9007199254740992}`, false},
		{`{"n":[0.1]}`, `{"n":0.1000000000000000000000001}`, false},
		{`{"n":[0]}`, `{"n":-0.0e5}`, true},
		{`{"n":[1e400]}`, `{"n":10e399}`, true},
		{`{"n":[1e99999999999999999999]}`, `{"n":1}`, false},
		{`{"n":[{"numeric":[">",-1]}]}`, `{"n":-0.999999999999999999999}`, true},
		{`{"n":[{"numeric":["<",1]}]}`, `{"n":1e-99999999999999999999}`, true},
	}
	for _, tt := range tests {
		if got := match(t, tt.pattern, tt.event); got != tt.want {
			t.Errorf("%s, %s: got %v", tt.pattern, tt.event, got)
		}
	}
}
