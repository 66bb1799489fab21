package selectors

import (
	"testing"

	"github.com/trailhand/trailhand/pkg/events"
)

func mustCompile(t *testing.T, text string) *Matcher {
	t.Helper()
	s, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	m, err := Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func basicSet(selectors string) string    { return `{"EventSelectors":[` + selectors + `]}` }
func advancedSet(selectors string) string { return `{"AdvancedEventSelectors":[` + selectors + `]}` }

// dataSet is one advanced selector for S3 objects with more field selectors.
func dataSet(fields string) string {
	return advancedSet(`{"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]},` + fields + `]}`)
}

func managementEvent(source, name string, readOnly bool) Event {
	return Event{Category: events.Management, EventSource: source, EventName: name, ReadOnly: readOnly}
}

func dataEvent(name string, readOnly bool, resources ...string) Event {
	e := Event{Category: events.Data, EventSource: "s3.amazonaws.com", EventName: name, ReadOnly: readOnly}
	for i := 0; i < len(resources); i += 2 {
		e.Resources = append(e.Resources, Resource{resources[i], resources[i+1]})
	}
	return e
}

func networkEvent(source, code, endpoint string) Event {
	return Event{Category: events.NetworkActivity, EventSource: source, ErrorCode: code, VPCEndpointID: endpoint}
}

func TestBasicSelectors(t *testing.T) {
	const table, function = "arn:aws:dynamodb:us-east-1:111122223333:table/t", "arn:aws:lambda:us-west-2:111111111111:function:helloworld"
	run := managementEvent("ec2.amazonaws.com", "RunInstances", false)
	describe := managementEvent("ec2.amazonaws.com", "DescribeInstances", true)
	kms := managementEvent("kms.amazonaws.com", "Decrypt", true)
	put := dataEvent("PutObject", false, s3Object, "arn:aws:s3:::b/in/x", "AWS::S3::Bucket", "arn:aws:s3:::b")
	get := dataEvent("GetObject", true, s3Object, "arn:aws:s3:::b/in/x")
	invoke := dataEvent("Invoke", false, lambdaFunction, function)
	invoke2 := dataEvent("Invoke", false, lambdaFunction, function+"2")
	stream := dataEvent("GetRecords", true, "AWS::DynamoDB::Stream", table+"/stream/1", dynamoDBTable, table)
	s3 := func(values string) string {
		return basicSet(`{"DataResources":[{"Type":"AWS::S3::Object","Values":[` + values + `]}]}`)
	}
	lambda := func(values string) string {
		return basicSet(`{"DataResources":[{"Type":"AWS::Lambda::Function","Values":[` + values + `]}]}`)
	}
	tests := []struct {
		name, set string
		event     Event
		want      bool
	}{
		{"no selectors take write management events", `{}`, run, true},
		{"no selectors take read management events", `{}`, describe, true},
		{"no selectors refuse data events", `{}`, put, false},
		{"no selectors refuse network activity events", `{}`, networkEvent("s3.amazonaws.com", "", ""), false},
		{"no selectors refuse Insight events", `{}`, Event{Category: events.Insight}, false},
		{"an empty selector takes all management events", basicSet(`{}`), describe, true},
		{"an empty selector refuses data events", basicSet(`{}`), put, false},
		{"WriteOnly refuses reads", basicSet(`{"ReadWriteType":"WriteOnly"}`), describe, false},
		{"WriteOnly takes writes", basicSet(`{"ReadWriteType":"WriteOnly"}`), run, true},
		{"ReadOnly refuses writes", basicSet(`{"ReadWriteType":"ReadOnly"}`), run, false},
		{"one of two selectors is enough", basicSet(`{"ReadWriteType":"WriteOnly"},{"ReadWriteType":"ReadOnly"}`), describe, true},
		{"an excluded source is refused", basicSet(`{"ExcludeManagementEventSources":["kms.amazonaws.com"]}`), kms, false},
		{"other sources than the excluded are taken", basicSet(`{"ExcludeManagementEventSources":["kms.amazonaws.com"]}`), run, true},
		{"an exclusion holds for its own selector only", basicSet(`{"ExcludeManagementEventSources":["kms.amazonaws.com"]},{"ReadWriteType":"ReadOnly"}`), kms, true},
		{"management events can be left out", basicSet(`{"IncludeManagementEvents":false,"DataResources":[{"Type":"AWS::S3::Object","Values":["arn:aws:s3"]}]}`), run, false},
		{"an S3 value is a prefix", s3(`"arn:aws:s3:::b/in"`), put, true},
		{"an S3 value of a bucket takes its objects", s3(`"arn:aws:s3:::b/"`), put, true},
		{"an S3 value of another prefix does not match", s3(`"arn:aws:s3:::b/out"`), put, false},
		{"one of several S3 values is enough", s3(`"arn:aws:s3:::c/","arn:aws:s3:::b/"`), put, true},
		{"arn:aws:s3 is every object", s3(`"arn:aws:s3"`), put, true},
		{"arn:aws:s3::: is every object", s3(`"arn:aws:s3:::"`), put, true},
		{"every object means every object, beside narrower values too", s3(`"arn:aws:s3:::c/","arn:aws:s3"`), put, true},
		{"every object is no Lambda function", s3(`"arn:aws:s3"`), invoke, false},
		{"no values take nothing", s3(``), put, false},
		{"ReadWriteType holds for data events too", basicSet(`{"ReadWriteType":"WriteOnly","DataResources":[{"Type":"AWS::S3::Object","Values":["arn:aws:s3"]}]}`), get, false},
		{"ReadWriteType lets data events through", basicSet(`{"ReadWriteType":"WriteOnly","DataResources":[{"Type":"AWS::S3::Object","Values":["arn:aws:s3"]}]}`), put, true},
		{"a Lambda value is a whole ARN", lambda(`"` + function + `"`), invoke, true},
		{"a Lambda value is no prefix", lambda(`"` + function + `"`), invoke2, false},
		{"arn:aws:lambda is every function", lambda(`"arn:aws:lambda"`), invoke2, true},
		{"a stream's record names its table", basicSet(`{"DataResources":[{"Type":"AWS::DynamoDB::Table","Values":["` + table + `"]}]}`), stream, true},
		{"several types in one selector", basicSet(`{"DataResources":[{"Type":"AWS::S3::Object","Values":["arn:aws:s3"]},{"Type":"AWS::Lambda::Function","Values":["arn:aws:lambda"]}]}`), invoke, true},
		{"network activity needs advanced selectors", s3(`"arn:aws:s3"`), networkEvent("s3.amazonaws.com", "", ""), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := mustCompile(t, tt.set).Match(&tt.event); got != tt.want {
				t.Errorf("%s: got %v", tt.set, got)
			}
		})
	}
}

// The conditions and objects of the user guide's example in "How CloudTrail
// evaluates multiple conditions for a field".
func TestSelectingOperatorsAreAlternativesAndExcludingOnesAllHold(t *testing.T) {
	m := mustCompile(t, dataSet(`{"Field":"resources.ARN",
		"Equals":["arn:aws:s3:::bucket/object1"],
		"StartsWith":["arn:aws:s3:::bucket/"],
		"EndsWith":["object3"],
		"NotStartsWith":["arn:aws:s3:::bucket/deselect"],
		"NotEndsWith":["object5"],
		"NotEquals":["arn:aws:s3:::bucket/object6"]}`))
	for arn, want := range map[string]bool{
		"arn:aws:s3:::bucket/object1":         true,
		"arn:aws:s3:::bucket/object2":         true,
		"arn:aws:s3:::bucket1/object3":        true,
		"arn:aws:s3:::bucket/deselectObject4": false,
		"arn:aws:s3:::bucket/object5":         false,
		"arn:aws:s3:::bucket/object6":         false,
		"arn:aws:s3:::bucket1/object7":        false,
	} {
		e := dataEvent("PutObject", false, s3Object, arn)
		if got := m.Match(&e); got != want {
			t.Errorf("%s: got %v", arn, got)
		}
	}
}

func TestAdvancedSelectors(t *testing.T) {
	put := dataEvent("PutObject", false, s3Object, "arn:aws:s3:::b/in/x")
	put.EventType, put.UserIdentityARN = "AwsApiCall", "arn:aws:sts::111122223333:assumed-role/scanner/i"
	console := put
	console.SessionCredentialFromConsole = "true"
	two := dataEvent("CopyObject", false, s3Object, "arn:aws:s3:::b/x", s3Object, "arn:aws:s3:::c/x")
	mixed := dataEvent("PutObject", false, "AWS::S3::AccessPoint", "arn:aws:s3:::c/x", s3Object, "arn:aws:s3:::b/x")
	network := networkEvent("kms.amazonaws.com", "VpceAccessDenied", "vpce-1")
	management := func(fields string) string {
		return advancedSet(`{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}` + fields + `]}`)
	}
	networkSet := func(fields string) string {
		return advancedSet(`{"FieldSelectors":[{"Field":"eventCategory","Equals":["NetworkActivity"]},{"Field":"eventSource","Equals":["kms.amazonaws.com"]}` + fields + `]}`)
	}
	tests := []struct {
		name, set string
		event     Event
		want      bool
	}{
		{"a category takes its events", management(``), managementEvent("ec2.amazonaws.com", "RunInstances", false), true},
		{"a category refuses other events", management(``), put, false},
		{"readOnly true refuses writes", management(`,{"Field":"readOnly","Equals":["true"]}`), managementEvent("ec2.amazonaws.com", "RunInstances", false), false},
		{"readOnly true and false take both", management(`,{"Field":"readOnly","Equals":["true","false"]}`), managementEvent("ec2.amazonaws.com", "RunInstances", false), true},
		{"NotEquals refuses each of its values", management(`,{"Field":"eventSource","NotEquals":["kms.amazonaws.com","rdsdata.amazonaws.com"]}`), managementEvent("rdsdata.amazonaws.com", "ExecuteStatement", false), false},
		{"NotEquals takes the others", management(`,{"Field":"eventSource","NotEquals":["kms.amazonaws.com","rdsdata.amazonaws.com"]}`), managementEvent("ec2.amazonaws.com", "RunInstances", false), true},
		{"Equals takes each of its values", dataSet(`{"Field":"eventName","Equals":["GetObject","PutObject"]}`), put, true},
		{"values are compared in their case", dataSet(`{"Field":"eventName","Equals":["putObject"]}`), put, false},
		{"StartsWith and EndsWith are alternatives", dataSet(`{"Field":"eventName","StartsWith":["Get"],"EndsWith":["Object"]}`), put, true},
		{"so they are in two field selectors", dataSet(`{"Field":"eventName","StartsWith":["Get"]},{"Field":"eventName","EndsWith":["Object"]}`), put, true},
		{"an exclusion wins over a selection", dataSet(`{"Field":"eventName","EndsWith":["Object"],"NotStartsWith":["Put"]}`), put, false},
		{"fields must all hold", dataSet(`{"Field":"eventName","Equals":["PutObject"]},{"Field":"readOnly","Equals":["true"]}`), put, false},
		{"one of two selectors is enough", `{"AdvancedEventSelectors":[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}]},{"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]}]}]}`, put, true},
		{"userIdentity.arn can be excluded by prefix", dataSet(`{"Field":"userIdentity.arn","NotStartsWith":["arn:aws:sts::111122223333:assumed-role/scanner"]}`), put, false},
		{"eventType", dataSet(`{"Field":"eventType","NotEquals":["AwsServiceEvent"]}`), put, true},
		{"eventSource of data events takes any operator", dataSet(`{"Field":"eventSource","EndsWith":[".amazonaws.com"]}`), put, true},
		{"a console session", dataSet(`{"Field":"sessionCredentialFromConsole","Equals":["true"]}`), console, true},
		{"no console session", dataSet(`{"Field":"sessionCredentialFromConsole","Equals":["true"]}`), put, false},
		{"an absent field meets an exclusion", dataSet(`{"Field":"sessionCredentialFromConsole","NotEquals":["true"]}`), put, true},
		{"a present field is excluded", dataSet(`{"Field":"sessionCredentialFromConsole","NotEquals":["true"]}`), console, false},
		{"one of several resources is enough", dataSet(`{"Field":"resources.ARN","StartsWith":["arn:aws:s3:::c/"]}`), two, true},
		{"one that is not excluded is enough", dataSet(`{"Field":"resources.ARN","NotStartsWith":["arn:aws:s3:::b/"]}`), two, true},
		{"type and ARN must be of the same resource", dataSet(`{"Field":"resources.ARN","StartsWith":["arn:aws:s3:::c/"]}`), mixed, false},
		{"a data event without resources is refused", dataSet(`{"Field":"eventName","Equals":["PutObject"]}`), dataEvent("PutObject", false), false},
		{"network activity of a source", networkSet(``), network, true},
		{"network activity of another source", networkSet(``), networkEvent("s3.amazonaws.com", "", ""), false},
		{"network activity by error code", networkSet(`,{"Field":"errorCode","Equals":["VpceAccessDenied"]}`), network, true},
		{"network activity by endpoint", networkSet(`,{"Field":"vpcEndpointId","NotEquals":["vpce-1"]}`), network, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := mustCompile(t, tt.set).Match(&tt.event); got != tt.want {
				t.Errorf("%s: got %v", tt.set, got)
			}
		})
	}
}

func TestExplainNamesSelectorAndCondition(t *testing.T) {
	run := managementEvent("ec2.amazonaws.com", "RunInstances", false)
	put := dataEvent("PutObject", false, "AWS::S3::Bucket", "arn:aws:s3:::b", s3Object, "arn:aws:s3:::b/x")
	tests := []struct {
		name, set string
		event     Event
		want      string
	}{
		{"the default", `{}`, run, `kept by default (no selectors)`},
		{"the default refuses", `{}`, put, `refused: default (no selectors): eventCategory "Data", wanted: equals "Management"`},
		{"selectors for nothing", basicSet(`{"IncludeManagementEvents":false,"DataResources":[{"Type":"AWS::S3::Object"}]}`), put, `refused: the selectors take nothing`},
		{"a part of a basic selector", basicSet(`{"ReadWriteType":"ReadOnly","DataResources":[{"Type":"AWS::S3::Object","Values":["arn:aws:s3:::c/"]}]}`), run,
			`refused: EventSelectors[0] management events: readOnly "false", wanted: equals "true"; EventSelectors[0] data events of AWS::S3::Object: eventCategory "Management", wanted: equals "Data"`},
		{"the keeping selector by name", `{"AdvancedEventSelectors":[{"Name":"all writes","FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]},{"Field":"readOnly","Equals":["false"]}]}]}`, run,
			`kept by AdvancedEventSelectors[0] "all writes"`},
		{"an exclusion", dataSet(`{"Field":"eventName","NotStartsWith":["Put"]}`), put,
			`refused: AdvancedEventSelectors[0]: eventName "PutObject" starts with "Put", which is excluded`},
		{"the resource of the wanted type", dataSet(`{"Field":"resources.ARN","StartsWith":["arn:aws:s3:::c/"]}`), put,
			`refused: AdvancedEventSelectors[0]: resources.ARN "arn:aws:s3:::b/x", wanted: starts with "arn:aws:s3:::c/"`},
		{"an absent field", dataSet(`{"Field":"eventType","Equals":["AwsApiCall","AwsServiceEvent"]}`), put,
			`refused: AdvancedEventSelectors[0]: no eventType, wanted: equals "AwsApiCall" or equals "AwsServiceEvent"`},
		{"a long list is cut", dataSet(`{"Field":"eventName","Equals":["A","B","C","D","E","F","G"]}`), put,
			`refused: AdvancedEventSelectors[0]: eventName "PutObject", wanted: equals "A" or equals "B" or equals "C" or equals "D" or equals "E" or one of 2 more`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := mustCompile(t, tt.set).Explain(&tt.event).String(); got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestEventOfReadsTheFieldsOfARecord(t *testing.T) {
	r, err := events.Parse([]byte(`{"eventCategory":"Data","eventSource":"s3.amazonaws.com","eventName":"PutObject","eventType":"AwsApiCall",
		"errorCode":"AccessDenied","vpcEndpointId":"vpce-1","readOnly":false,"sessionCredentialFromConsole":"true","userIdentity":{"arn":"arn:u"},
		"resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::b/x"},{"type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::b","accountId":"1"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := Event{events.Data, "s3.amazonaws.com", "PutObject", "AwsApiCall", "AccessDenied", "vpce-1", "arn:u", "true", false,
		[]Resource{{s3Object, "arn:aws:s3:::b/x"}, {"AWS::S3::Bucket", "arn:aws:s3:::b"}}}
	if got := EventOf(&r); !equalEvents(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}
