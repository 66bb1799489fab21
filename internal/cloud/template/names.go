package template

import (
	"fmt"
	"strings"
)

// ref is the value of Ref: a pseudo parameter, a parameter, or what the
// resource's kind answers.
func (s *stack) ref(name string) (string, error) {
	if value, ok := s.pseudo()[name]; ok {
		return value, nil
	}
	if value, ok := s.values[name]; ok {
		return value, nil
	}
	r, err := s.resource(name)
	if err != nil {
		return "", err
	}
	physical, err := s.name(r)
	if err != nil {
		return "", err
	}
	switch r.kind {
	case "AWS::SQS::Queue":
		return s.queueURL(physical), nil
	case "AWS::SNS::Topic":
		return s.arn("sns", physical), nil
	}
	return physical, nil
}

func (s *stack) pseudo() map[string]string {
	return map[string]string{
		"AWS::AccountId": s.place.AccountID,
		"AWS::Partition": "aws",
		"AWS::Region":    s.place.Region,
		"AWS::StackId":   s.arn("cloudformation", "stack/"+s.place.StackName+"/local"),
		"AWS::StackName": s.place.StackName,
		"AWS::URLSuffix": "amazonaws.com",
	}
}

// resource finds a resource that exists at this place.
func (s *stack) resource(id string) (*resource, error) {
	r, ok := s.resources[id]
	if !ok {
		return nil, fmt.Errorf("there is no parameter or resource %q", id)
	}
	there, err := s.exists(r)
	if err != nil {
		return nil, err
	}
	if !there {
		return nil, fmt.Errorf("resource %q is left out by condition %q", id, r.condition)
	}
	return r, nil
}

// name is a resource's physical name: its own property, or the stack's name
// and its logical id.
func (s *stack) name(r *resource) (string, error) {
	leave, err := s.enter("resource "+r.id, r.line)
	if err != nil {
		return "", err
	}
	defer leave()
	if node := property(r.properties, nameProperty(r.kind)); node != nil {
		resolved, err := s.resolve(node)
		if err != nil {
			return "", err
		}
		if resolved != nil {
			return resolved.Value, nil
		}
	}
	return s.generatedName(r)
}

func nameProperty(kind string) string {
	switch kind {
	case "AWS::Serverless::Function":
		return "FunctionName"
	case "AWS::SQS::Queue":
		return "QueueName"
	case "AWS::S3::Bucket":
		return "BucketName"
	case "AWS::IAM::Role":
		return "RoleName"
	case "AWS::CloudTrail::Trail":
		return "TrailName"
	case "AWS::SNS::Topic":
		return "TopicName"
	case "AWS::Logs::LogGroup":
		return "LogGroupName"
	}
	return "Name"
}

func (s *stack) generatedName(r *resource) (string, error) {
	name := s.place.StackName + "-" + r.id
	switch r.kind {
	case "AWS::S3::Bucket":
		return strings.ToLower(name), nil
	case "AWS::SQS::Queue":
		var fifo struct {
			FifoQueue string `yaml:"FifoQueue"`
		}
		if err := s.decode(r.properties, &fifo, "FifoQueue"); err != nil {
			return "", err
		}
		if fifo.FifoQueue == "true" {
			name += ".fifo"
		}
	}
	return name, nil
}

// attribute is the value of GetAtt.
func (s *stack) attribute(id, attribute string) (string, error) {
	r, err := s.resource(id)
	if err != nil {
		return "", err
	}
	name, err := s.name(r)
	if err != nil {
		return "", err
	}
	switch r.kind + "." + attribute {
	case "AWS::SQS::Queue.Arn":
		return s.arn("sqs", name), nil
	case "AWS::SQS::Queue.QueueName", "AWS::SNS::Topic.TopicName":
		return name, nil
	case "AWS::SQS::Queue.QueueUrl":
		return s.queueURL(name), nil
	case "AWS::S3::Bucket.Arn":
		return "arn:aws:s3:::" + name, nil
	case "AWS::Serverless::Function.Arn":
		return s.functionARN(name), nil
	case "AWS::IAM::Role.Arn":
		return "arn:aws:iam::" + s.place.AccountID + ":role/" + name, nil
	case "AWS::CloudTrail::Trail.Arn":
		return s.arn("cloudtrail", "trail/"+name), nil
	case "AWS::SNS::Topic.TopicArn":
		return s.arn("sns", name), nil
	case "AWS::Logs::LogGroup.Arn":
		return s.arn("logs", "log-group:"+name+":*"), nil
	}
	return "", fmt.Errorf("attribute %q of %s (%s) is not known locally", attribute, id, r.kind)
}

func (s *stack) arn(service, name string) string {
	return "arn:aws:" + service + ":" + s.place.Region + ":" + s.place.AccountID + ":" + name
}

func (s *stack) functionARN(name string) string { return s.arn("lambda", "function:"+name) }

func (s *stack) queueURL(name string) string {
	return s.place.Endpoint + "/" + s.place.AccountID + "/" + name
}
