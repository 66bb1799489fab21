package selectors

import "testing"

func TestEqual(t *testing.T) {
	const management = `{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}]}`
	tests := []struct {
		name, a, b string
		want       bool
	}{
		{"no selectors are the default spelled out", `{}`, basicSet(`{"ReadWriteType":"All","IncludeManagementEvents":true,"DataResources":[],"ExcludeManagementEventSources":[]}`), true},
		{"an empty selector is the default", `{}`, basicSet(`{}`), true},
		{"a selector that is there twice counts once", basicSet(`{},{"ReadWriteType":"All"}`), basicSet(`{}`), true},
		{"WriteOnly is not All", basicSet(`{"ReadWriteType":"WriteOnly"}`), basicSet(`{}`), false},
		{"an excluded source counts", basicSet(`{"ExcludeManagementEventSources":["kms.amazonaws.com"]}`), basicSet(`{}`), false},
		{"data resources of one type may be split", basicSet(`{"DataResources":[{"Type":"AWS::S3::Object","Values":["arn:aws:s3:::a/"]},{"Type":"AWS::S3::Object","Values":["arn:aws:s3:::b/"]}]}`),
			basicSet(`{"DataResources":[{"Type":"AWS::S3::Object","Values":["arn:aws:s3:::b/","arn:aws:s3:::a/"]}]}`), true},
		{"arn:aws:s3 is arn:aws:s3:::", s3Values(`"arn:aws:s3"`), s3Values(`"arn:aws:s3:::"`), true},
		{"all of a type makes the rest needless", s3Values(`"arn:aws:s3","arn:aws:s3:::b/"`), s3Values(`"arn:aws:s3"`), true},
		{"another value is another set", s3Values(`"arn:aws:s3:::b/"`), s3Values(`"arn:aws:s3:::c/"`), false},
		{"a basic selector is no advanced one", `{}`, advancedSet(management), false},
		{"field selectors on one field may be split", dataSet(`{"Field":"eventName","Equals":["a"],"NotEquals":["c"]}`), dataSet(`{"Field":"eventName","NotEquals":["c"]},{"Field":"eventName","Equals":["a"]}`), true},
		{"another operator is another set", dataSet(`{"Field":"eventName","Equals":["a"]}`), dataSet(`{"Field":"eventName","StartsWith":["a"]}`), false},
		{"a name counts", advancedSet(management), advancedSet(`{"Name":"n",` + management[1:]), false},
	}
	for _, tt := range tests {
		a, errA := Parse([]byte(tt.a))
		b, errB := Parse([]byte(tt.b))
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if got := Equal(a, b); got != tt.want {
			t.Errorf("%s: got %v", tt.name, got)
		}
		if Equal(a, b) != Equal(b, a) {
			t.Errorf("%s: not the same the other way round", tt.name)
		}
	}
}

func TestCoversBucket(t *testing.T) {
	tests := []struct {
		name, set, want string // want is empty for not covered
	}{
		{"the default logs no data events", `{}`, ""},
		{"every object", s3Values(`"arn:aws:s3"`), "EventSelectors[0] data events of AWS::S3::Object"},
		{"the bucket", s3Values(`"arn:aws:s3:::logs/"`), "EventSelectors[0] data events of AWS::S3::Object"},
		{"a narrower prefix", s3Values(`"arn:aws:s3:::logs/AWSLogs/1/"`), "EventSelectors[0] data events of AWS::S3::Object"},
		{"another prefix", s3Values(`"arn:aws:s3:::logs/data/"`), ""},
		{"another bucket", s3Values(`"arn:aws:s3:::logs2/"`), ""},
		{"functions", basicSet(`{"DataResources":[{"Type":"AWS::Lambda::Function","Values":["arn:aws:lambda"]}]}`), ""},
		{"a selector beside one for a type not known here", advancedSet(`{"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::New::Thing"]},{"Field":"new","Equals":["x"]}]},` +
			`{"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]}]}`), "AdvancedEventSelectors[1]"},
		{"every object, by an advanced selector", dataSet(`{"Field":"eventName","Equals":["GetObject"]}`), "AdvancedEventSelectors[0]"},
		{"the bucket left out", dataSet(`{"Field":"resources.ARN","NotStartsWith":["arn:aws:s3:::logs/"]}`), ""},
		{"a part of the bucket left out", dataSet(`{"Field":"resources.ARN","NotStartsWith":["arn:aws:s3:::logs/AWSLogs/1/"]}`), "AdvancedEventSelectors[0]"},
		{"an ending", dataSet(`{"Field":"resources.ARN","EndsWith":[".gz"]}`), "AdvancedEventSelectors[0]"},
		{"an ending that is left out", dataSet(`{"Field":"resources.ARN","EndsWith":["x.gz"],"NotEndsWith":[".gz"]}`), ""},
		{"one object", dataSet(`{"Field":"resources.ARN","Equals":["arn:aws:s3:::logs/AWSLogs/1"]}`), "AdvancedEventSelectors[0]"},
		{"one object elsewhere", dataSet(`{"Field":"resources.ARN","Equals":["arn:aws:s3:::logs/x"]}`), ""},
		{"the part selected is left out", dataSet(`{"Field":"resources.ARN","StartsWith":["arn:aws:s3:::logs/AWSLogs/1/"],"NotStartsWith":["arn:aws:s3:::logs/AWSLogs/1"]}`), ""},
	}
	for _, tt := range tests {
		s, err := Parse([]byte(tt.set))
		if err != nil {
			t.Fatal(err)
		}
		if got, covers := s.CoversBucket("aws", "logs", "AWSLogs/"); got != tt.want || covers != (tt.want != "") {
			t.Errorf("%s: got %q, %v", tt.name, got, covers)
		}
	}
}
