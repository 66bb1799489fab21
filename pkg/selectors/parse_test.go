package selectors

import (
	"encoding/json"
	"reflect"
	"testing"
)

func TestParseReadsWhatTheAPIWrites(t *testing.T) {
	got, err := Parse([]byte(`{"TrailARN":"arn:aws:cloudtrail:us-east-1:111122223333:trail/t","AdvancedEventSelectors":null,
		"EventSelectors":[{"ReadWriteType":"All","IncludeManagementEvents":false,
			"DataResources":[{"Type":"AWS::S3::Object","Values":["arn:aws:s3"]}],"ExcludeManagementEventSources":[]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := Set{Basic: []Basic{{"All", new(false), []DataResource{{"AWS::S3::Object", []string{"arn:aws:s3"}}}, []string{}}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestParseNamesEveryProblemAndItsPlace(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"no JSON", `{`, "selectors: must be an object"},
		{"no object", `[]`, "selectors: must be an object"},
		{"null", `null`, "selectors: must be an object"},
		{"a name in another case", `{"eventSelectors":[]}`, "eventSelectors: unknown name"},
		{"no array", `{"EventSelectors":{}}`, "EventSelectors: must be an array"},
		{"an element that is no object", `{"EventSelectors":[{},1]}`, "EventSelectors[1]: must be an object"},
		{"a string for a boolean", `{"EventSelectors":[{"IncludeManagementEvents":"false"}]}`, "EventSelectors[0].IncludeManagementEvents: must be true or false"},
		{"a string for an array", `{"AdvancedEventSelectors":[{"FieldSelectors":[{"Field":"eventName","Equals":"x"}]}]}`, "AdvancedEventSelectors[0].FieldSelectors[0].Equals: must be an array of strings"},
		{"an operator in another case", `{"AdvancedEventSelectors":[{"FieldSelectors":[{"Field":"eventName","equals":["x"]}]}]}`, "AdvancedEventSelectors[0].FieldSelectors[0].equals: unknown name"},
		{"two problems", `{"EventSelectors":[{"ReadWriteType":1},{"DataResources":[{"type":""}]}]}`, "EventSelectors[0].ReadWriteType: must be a string\nEventSelectors[1].DataResources[0].type: unknown name"},
	}
	for _, tt := range tests {
		if _, err := Parse([]byte(tt.text)); err == nil || err.Error() != tt.want {
			t.Errorf("%s:\n got %v\nwant %s", tt.name, err, tt.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"EventSelectors":[{"ReadWriteType":"All","DataResources":[{"Type":"AWS::S3::Object","Values":["arn:aws:s3:::b/"]}]}]}`))
	f.Add([]byte(`{"AdvancedEventSelectors":[{"Name":"n","FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}]}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := Parse(raw)
		if err != nil {
			return
		}
		written, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(written)
		if err != nil {
			t.Fatalf("%s: %v", written, err)
		}
		if !Equal(s, again) {
			t.Fatalf("%s reads as something else than %s", written, raw)
		}
		if s.Validate() == nil && Normalize(s).Validate() != nil {
			t.Fatalf("%s is valid, its normal form is not: %v", raw, Normalize(s).Validate())
		}
	})
}
