package selectors

import (
	"slices"
	"strings"
)

// Values of ReadWriteType.
const (
	readWriteAll = "All"
	readOnlyType = "ReadOnly"
	writeOnly    = "WriteOnly"
)

// Resource types that basic selectors can name.
const (
	s3Object       = "AWS::S3::Object"
	lambdaFunction = "AWS::Lambda::Function"
	dynamoDBTable  = "AWS::DynamoDB::Table"
)

// asAdvanced says in advanced selectors what a basic one takes: one for its
// management events, one for each type of data resource. The names say which
// part of the basic selector they are.
func (b Basic) asAdvanced() []Advanced {
	var parts []Advanced
	if b.includesManagement() {
		fields := append(managementOnly(), b.readWrite()...)
		if len(b.ExcludeManagementEventSources) > 0 {
			fields = append(fields, FieldSelector{Field: "eventSource", NotEquals: b.ExcludeManagementEventSources})
		}
		parts = append(parts, Advanced{Name: "management events", FieldSelectors: fields})
	}
	for _, d := range b.DataResources {
		if len(d.Values) == 0 {
			continue
		}
		fields := append(dataOf(d.Type), b.readWrite()...)
		if arns, all := d.arns(); !all {
			fields = append(fields, arns)
		}
		parts = append(parts, Advanced{Name: "data events of " + d.Type, FieldSelectors: fields})
	}
	return parts
}

func (b Basic) includesManagement() bool {
	return b.IncludeManagementEvents == nil || *b.IncludeManagementEvents
}

func (b Basic) readWrite() []FieldSelector {
	switch b.ReadWriteType {
	case readOnlyType:
		return []FieldSelector{{Field: "readOnly", Equals: []string{"true"}}}
	case writeOnly:
		return []FieldSelector{{Field: "readOnly", Equals: []string{"false"}}}
	}
	return nil
}

// arns gives the condition on the ARN, or says that every resource of the type
// is taken.
func (d DataResource) arns() (f FieldSelector, all bool) {
	if slices.ContainsFunc(d.Values, func(v string) bool { return everyResource(d.Type, v) }) {
		return FieldSelector{}, true
	}
	if d.Type == s3Object {
		return FieldSelector{Field: "resources.ARN", StartsWith: d.Values}, false
	}
	return FieldSelector{Field: "resources.ARN", Equals: d.Values}, false
}

// everyResource says whether a value stands for all resources of its type:
// arn:aws:s3, arn:aws:s3:::, arn:aws:lambda, arn:aws:dynamodb.
func everyResource(typ, value string) bool {
	partition, rest, ok := cutARN(value)
	if !ok || partition == "" {
		return false
	}
	return rest == serviceOf(typ) || typ == s3Object && rest == "s3:::"
}

// cutARN cuts "arn:" and the partition off.
func cutARN(arn string) (partition, rest string, ok bool) {
	rest, ok = strings.CutPrefix(arn, "arn:")
	if !ok {
		return "", "", false
	}
	return strings.Cut(rest, ":")
}

// serviceOf gives the service in the ARNs of a basic selector's resource type.
func serviceOf(typ string) string {
	switch typ {
	case s3Object:
		return "s3"
	case lambdaFunction:
		return "lambda"
	case dynamoDBTable:
		return "dynamodb"
	}
	return ""
}

func managementOnly() []FieldSelector {
	return []FieldSelector{{Field: "eventCategory", Equals: []string{"Management"}}}
}

func dataOf(typ string) []FieldSelector {
	return []FieldSelector{
		{Field: "eventCategory", Equals: []string{"Data"}},
		{Field: "resources.type", Equals: []string{typ}},
	}
}
