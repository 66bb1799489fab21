package upstream

import (
	"maps"
	"slices"
	"strings"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// resources names what a data event is about, by the parameters that name it.
func (x *exchange) resources(parameters map[string]any) []wire.Resource {
	text := func(name string) string { s, _ := parameters[name].(string); return s }
	switch x.operation.Source {
	case "dynamodb.amazonaws.com":
		return x.tables(text("tableName"), parameters)
	case "kinesis.amazonaws.com":
		if arn := text("streamARN"); arn != "" {
			return x.resource("AWS::Kinesis::Stream", "kinesis", "", arn)
		}
		return x.resource("AWS::Kinesis::Stream", "kinesis", "stream/", text("streamName"))
	case "lambda.amazonaws.com":
		return x.resource("AWS::Lambda::Function", "lambda", "function:", text("functionName"))
	case "sns.amazonaws.com":
		return x.resource("AWS::SNS::Topic", "sns", "", text("topicArn"))
	case "ebs.amazonaws.com":
		return x.resource("AWS::EC2::Snapshot", "ec2", "snapshot/", text("snapshotId"))
	}
	return nil
}

// tables gives the table of a DynamoDB call, or those of a batch.
func (x *exchange) tables(name string, parameters map[string]any) []wire.Resource {
	const typ = "AWS::DynamoDB::Table"
	batch, _ := parameters["requestItems"].(map[string]any)
	all := x.resource(typ, "dynamodb", "table/", name)
	for _, table := range slices.Sorted(maps.Keys(batch)) {
		all = append(all, x.resource(typ, "dynamodb", "table/", table)...)
	}
	return all
}

// resource gives the ARN of a name, which may be an ARN already.
func (x *exchange) resource(typ, service, kind, name string) []wire.Resource {
	switch {
	case name == "":
		return nil
	case !strings.HasPrefix(name, "arn:"):
		name = strings.Join([]string{"arn", "aws", service, x.caller.Region, x.caller.AccountID, kind + name}, ":")
	}
	return []wire.Resource{{Type: typ, ARN: name, AccountID: x.caller.AccountID}}
}
