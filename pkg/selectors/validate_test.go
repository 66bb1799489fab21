package selectors

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// quoted joins n different values as JSON strings.
func quoted(format string, n int) string {
	values := make([]string, n)
	for i := range values {
		values[i] = `"` + fmt.Sprintf(format, i) + `"`
	}
	return strings.Join(values, ",")
}

func s3Values(values string) string {
	return basicSet(`{"DataResources":[{"Type":"AWS::S3::Object","Values":[` + values + `]}]}`)
}

func fieldsSet(fields string) string { return advancedSet(`{"FieldSelectors":[` + fields + `]}`) }

func TestValidSetsAreAccepted(t *testing.T) {
	const data, management = `{"Field":"eventCategory","Equals":["Data"]}`, `{"Field":"eventCategory","Equals":["Management"]}`
	for name, set := range map[string]string{
		"the default":                      `{}`,
		"five basic selectors":             basicSet(`{},{},{},{},{}`),
		"250 data resources":               s3Values(quoted("arn:aws:s3:::b%d/", 250)),
		"all of a type beside 250":         s3Values(quoted("arn:aws:s3:::b%d/", 250) + `,"arn:aws:s3:::"`),
		"no data resources of a type":      s3Values(``),
		"another partition":                s3Values(`"arn:aws-cn:s3:::b/","arn:aws-us-gov:s3"`),
		"an object key with an asterisk":   s3Values(`"arn:aws:s3:::b/*"`),
		"a function with its version":      basicSet(`{"DataResources":[{"Type":"AWS::Lambda::Function","Values":["arn:aws:lambda:us-east-1:111122223333:function:f:3"]}]}`),
		"both sources excluded":            basicSet(`{"ExcludeManagementEventSources":["kms.amazonaws.com","rdsdata.amazonaws.com"]}`),
		"500 values":                       fieldsSet(data + `,{"Field":"resources.type","Equals":["AWS::S3::Object"]},{"Field":"eventName","Equals":[` + quoted("N%d", 498) + `]}`),
		"a value of 2048 characters":       fieldsSet(data + `,{"Field":"resources.type","Equals":["AWS::S3::Object"]},{"Field":"eventName","Equals":["` + strings.Repeat("é", 2048) + `"]}`),
		"a name of 1000 characters":        advancedSet(`{"Name":"` + strings.Repeat("n", 1000) + `","FieldSelectors":[` + management + `]}`),
		"a type of the user guide's table": fieldsSet(data + `,{"Field":"resources.type","Equals":["AWS::Bedrock::AgentAlias"]}`),
		"the old spelling of Q apps":       fieldsSet(data + `,{"Field":"resources.type","Equals":["AWS::QApps:QApp"]}`),
		"network activity": fieldsSet(`{"Field":"eventCategory","Equals":["NetworkActivity"]},{"Field":"eventSource","Equals":["s3.amazonaws.com"]},
			{"Field":"errorCode","Equals":["VpceAccessDenied"]},{"Field":"vpcEndpointId","StartsWith":["vpce-"]}`),
	} {
		s, err := Parse([]byte(set))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := s.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestInvalidSetsAreRefused(t *testing.T) {
	const data, object = `{"Field":"eventCategory","Equals":["Data"]}`, `{"Field":"resources.type","Equals":["AWS::S3::Object"]}`
	const management, network = `{"Field":"eventCategory","Equals":["Management"]}`, `{"Field":"eventCategory","Equals":["NetworkActivity"]},{"Field":"eventSource","Equals":["s3.amazonaws.com"]}`
	const s3At, fieldAt = "EventSelectors[0].DataResources[0].Values[0]: ", "AdvancedEventSelectors[0].FieldSelectors"
	tests := []struct{ set, want string }{
		{`{"EventSelectors":[{}],"AdvancedEventSelectors":[{"FieldSelectors":[` + management + `]}]}`, "You can use either EventSelectors or AdvancedEventSelectors, but not both."},
		{basicSet(`{},{},{},{},{},{}`), "EventSelectors: Specify a valid number of selectors (1 to 5) for your trail."},
		{s3Values(quoted("arn:aws:s3:::b%d/", 251)), "EventSelectors: Specify a valid number of DataResources.Values (0 to 250) for all your selectors."},
		{basicSet(`{"ReadWriteType":"read-only"}`), "EventSelectors[0].ReadWriteType: Value read-only for ReadWriteType is invalid. Valid values are: All, ReadOnly, WriteOnly"},
		{basicSet(`{"IncludeManagementEvents":false}`), "EventSelectors[0]: Invalid combination of parameters in EventSelectors. When includeManagementEvents is false, DataResources must not be empty."},
		{basicSet(`{"ExcludeManagementEventSources":["s3.amazonaws.com"]}`), "EventSelectors[0].ExcludeManagementEventSources[0]: Value s3.amazonaws.com for ExcludeManagementEventSources is invalid. Valid values are: kms.amazonaws.com, rdsdata.amazonaws.com"},
		{basicSet(`{"DataResources":[{"Type":"AWS::SQS::Queue"}]}`), "EventSelectors[0].DataResources[0].Type: Value AWS::SQS::Queue for DataResources.Type is invalid. Valid values are: AWS::DynamoDB::Table, AWS::Lambda::Function, AWS::S3::Object"},
		{s3Values(`"arn:aws:s3:::*/*"`), s3At + "Value arn:aws:s3:::*/* for DataResources.Values is invalid."},
		{s3Values(`"arn:aws:s3:::b"`), s3At + "Value arn:aws:s3:::b for DataResources.Values is invalid."},
		{s3Values(`"b/"`), s3At + "Value b/ for DataResources.Values is invalid."},
		{s3Values(`"arn:aws:lambda"`), s3At + "Value arn:aws:lambda for DataResources.Values is invalid."},
		{s3Values(`"arn::s3"`), s3At + "Value arn::s3 for DataResources.Values is invalid."},
		{basicSet(`{"DataResources":[{"Type":"AWS::Lambda::Function","Values":["arn:aws:lambda:*"]}]}`), s3At + "Value arn:aws:lambda:* for DataResources.Values is invalid."},
		{basicSet(`{"DataResources":[{"Type":"AWS::Lambda::Function","Values":["arn:aws:lambda:us-east-1:1:function:"]}]}`), s3At + "Value arn:aws:lambda:us-east-1:1:function: for DataResources.Values is invalid."},
		{basicSet(`{"DataResources":[{"Type":"AWS::DynamoDB::Table","Values":["arn:aws:dynamodb:us-east-1:1:table/*"]}]}`), s3At + "Value arn:aws:dynamodb:us-east-1:1:table/* for DataResources.Values is invalid."},

		{fieldsSet(data + `,` + object + `,{"Field":"eventName","Equals":[` + quoted("N%d", 499) + `]}`), "AdvancedEventSelectors: Specify up to 500 values for all conditions in all advanced event selectors for a trail."},
		{advancedSet(`{"Name":"` + strings.Repeat("n", 1001) + `","FieldSelectors":[` + management + `]}`), "AdvancedEventSelectors[0].Name: Specify a name of up to 1000 characters for an advanced event selector."},
		{fieldsSet(``), "AdvancedEventSelectors[0]: Field eventCategory is required, once, with one value for Equals."},
		{fieldsSet(`{"Field":"eventCategory","Equals":["Insight"]}`), "AdvancedEventSelectors[0]: Value Insight for eventCategory is invalid. Valid values are: Management, Data, NetworkActivity"},
		{fieldsSet(`{"Field":"eventCategory","Equals":["Data","Management"]}`), "AdvancedEventSelectors[0]: Field eventCategory is required, once, with one value for Equals."},
		{fieldsSet(data), "AdvancedEventSelectors[0]: Field resources.type is required for the Data event category."},
		{fieldsSet(data + `,` + object + `,` + object), "AdvancedEventSelectors[0]: Field resources.type may be specified once in an advanced event selector."},
		{fieldsSet(data + `,{"Field":"resources.type","Equals":["AWS::S3::Object","AWS::SQS::Queue"]}`), fieldAt + "[1].Equals: Specify a valid number of values for field resources.type."},
		{fieldsSet(data + `,{"Field":"resources.type","Equals":["AWS::S3::Bucket"]}`), fieldAt + "[1].Equals[0]: Value AWS::S3::Bucket for resources.type is invalid."},
		{fieldsSet(data + `,{"Field":"resources.type","StartsWith":["AWS::S3::Object"]}`), fieldAt + "[1].StartsWith: Operator StartsWith is not valid for field resources.type."},
		{fieldsSet(data + `,` + object + `,{"Field":"eventname","Equals":["x"]}`), fieldAt + "[2]: Field eventname is not valid for the Data event category."},
		{fieldsSet(data + `,` + object + `,{"Field":"eventName"}`), fieldAt + "[2]: Specify at least one operator for field eventName."},
		{fieldsSet(data + `,` + object + `,{"Field":"eventName","Equals":[]}`), fieldAt + "[2].Equals: Specify a valid number of values for field eventName."},
		{fieldsSet(data + `,` + object + `,{"Field":"eventName","Equals":[""]}`), fieldAt + "[2].Equals[0]: Specify a value of 1 to 2048 characters for field eventName."},
		{fieldsSet(data + `,` + object + `,{"Field":"eventName","Equals":["` + strings.Repeat("x", 2049) + `"]}`), fieldAt + "[2].Equals[0]: Specify a value of 1 to 2048 characters for field eventName."},
		{fieldsSet(data + `,` + object + `,{"Field":"readOnly","NotEquals":["true"]}`), fieldAt + "[2].NotEquals: Operator NotEquals is not valid for field readOnly."},
		{fieldsSet(data + `,` + object + `,{"Field":"readOnly","Equals":["yes"]}`), fieldAt + "[2].Equals[0]: Value yes for readOnly is invalid. Valid values are: true, false"},
		{fieldsSet(data + `,` + object + `,{"Field":"sessionCredentialFromConsole","Equals":["false"]}`), fieldAt + "[2].Equals[0]: Value false for sessionCredentialFromConsole is invalid. Valid values are: true"},
		{fieldsSet(management + `,{"Field":"eventName","Equals":["x"]}`), fieldAt + "[1]: Field eventName is not valid for the Management event category."},
		{fieldsSet(management + `,{"Field":"eventSource","Equals":["kms.amazonaws.com"]}`), fieldAt + "[1].Equals: Operator Equals is not valid for field eventSource."},
		{fieldsSet(management + `,{"Field":"eventSource","NotEquals":["ec2.amazonaws.com"]}`), fieldAt + "[1].NotEquals[0]: Value ec2.amazonaws.com for eventSource is invalid. Valid values are: kms.amazonaws.com, rdsdata.amazonaws.com"},
		{fieldsSet(`{"Field":"eventCategory","Equals":["NetworkActivity"]}`), "AdvancedEventSelectors[0]: Field eventSource is required for the NetworkActivity event category."},
		{fieldsSet(network + `,{"Field":"readOnly","Equals":["true"]}`), fieldAt + "[2]: Field readOnly is not valid for the NetworkActivity event category."},
		{fieldsSet(network + `,{"Field":"errorCode","Equals":["AccessDenied"]}`), fieldAt + "[2].Equals[0]: Value AccessDenied for errorCode is invalid. Valid values are: VpceAccessDenied"},
	}
	for _, tt := range tests {
		s, err := Parse([]byte(tt.set))
		if err != nil {
			t.Fatalf("%s: %v", tt.set, err)
		}
		err = s.Validate()
		var invalid *InvalidError
		if !errors.As(err, &invalid) || err.Error() != tt.want {
			t.Errorf("%.200s:\n got %v\nwant %s", tt.set, err, tt.want)
		}
		if _, err := Compile(s); err == nil {
			t.Errorf("%.200s: compiled", tt.set)
		}
	}
}

func TestEveryBrokenRuleIsReported(t *testing.T) {
	s, err := Parse([]byte(basicSet(`{"ReadWriteType":"Both","IncludeManagementEvents":false},{"DataResources":[{"Type":"x"}]}`)))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(s.Validate().Error(), "\n") + 1; got != 3 {
		t.Errorf("%d problems, want 3:\n%v", got, s.Validate())
	}
}
