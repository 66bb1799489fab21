package template

import (
	"strings"
	"testing"
)

// variable evaluates one property: the value of an environment variable.
func variable(expression string) string {
	return `
Parameters:
  Name: { Type: String, Default: blue }
  Count: { Type: Number, Default: 3 }
  Empty: { Type: String, Default: "" }
Conditions:
  Blue: !Equals [!Ref Name, blue]
  NotBlue: !Not [!Condition Blue]
  Both: !And [!Condition Blue, !Not [!Condition NotBlue]]
  Either: !Or [!Condition NotBlue, { "Fn::Equals": [!Ref Count, "3"] }]
  Circular: !Not [!Condition Circular]
Resources:
  Queue: { Type: AWS::SQS::Queue }
  Line: { Type: AWS::SQS::Queue, Properties: { FifoQueue: true } }
  Bucket: { Type: AWS::S3::Bucket, Properties: { BucketName: !Sub "${Name}-${AWS::AccountId}" } }
  Absent: { Type: AWS::SQS::Queue, Condition: NotBlue }
  Loop: { Type: AWS::S3::Bucket, Condition: NotBlue, Properties: { BucketName: !Sub "${Loop2}" } }
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Environment:
        Variables:
          X: ` + expression + "\n"
}

func TestAnExpressionIsEvaluated(t *testing.T) {
	for expression, want := range map[string]string{
		`plain`:                          "plain",
		`!Ref Name`:                      "blue",
		`{ Ref: Count }`:                 "3",
		`!Ref AWS::Region`:               "eu-west-1",
		`!Ref Queue`:                     "http://127.0.0.1:4566/111122223333/trailhand-Queue",
		`!GetAtt Line.QueueName`:         "trailhand-Line.fifo",
		`!GetAtt [Queue, Arn]`:           "arn:aws:sqs:eu-west-1:111122223333:trailhand-Queue",
		`{ "Fn::GetAtt": [Queue, Arn] }`: "arn:aws:sqs:eu-west-1:111122223333:trailhand-Queue",
		`!Ref Bucket`:                    "blue-111122223333",
		`!GetAtt Bucket.Arn`:             "arn:aws:s3:::blue-111122223333",
		`!Sub "a-${Name}-${Bucket.Arn}-${!literal}"`:        "a-blue-arn:aws:s3:::blue-111122223333-${literal}",
		`!Sub ["${x}${Name}", { x: !Ref Count }]`:           "3blue",
		`!Sub "no variable"`:                                "no variable",
		`!Join ["-", [a, !Ref Name, !Ref AWS::NoValue, c]]`: "a-blue-c",
		`!Select [1, [a, !Ref Name]]`:                       "blue",
		`!Select [2, !Split [".", a.b.c]]`:                  "c",
		`!If [Blue, yes, no]`:                               "yes",
		`!If [NotBlue, 1, !If [Both, 2, 3]]`:                "2",
		`!If [Either, !Ref Empty, x]`:                       "",
		`!If [NotBlue, !ImportValue elsewhere, x]`:          "x",
		`2012-10-17`: "2012-10-17",
	} {
		t.Run(expression, func(t *testing.T) {
			if got := read(t, variable(expression)).Functions[0].Environment["X"]; got != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}

func TestNoValueLeavesAPropertyOut(t *testing.T) {
	if env := read(t, variable(`!If [NotBlue, x, !Ref AWS::NoValue]`)).Functions[0].Environment; len(env) != 0 {
		t.Errorf("environment %v, want none", env)
	}
}

// Each error has the resource, its line or the expression's, and the cause.
func TestAnExpressionThatCannotBeEvaluatedIsAnErrorWithItsLine(t *testing.T) {
	for expression, want := range map[string]string{
		`!Ref Nobody`:             `line 23: !Ref: there is no parameter or resource "Nobody"`,
		`!Ref Absent`:             `line 23: !Ref: resource "Absent" is left out by condition "NotBlue"`,
		`!GetAtt Queue.Colour`:    `line 23: !GetAtt: attribute "Colour" of Queue (AWS::SQS::Queue) is not known locally`,
		`!GetAtt Queue`:           `attribute "" of Queue`,
		`!ImportValue shared`:     `line 23: !ImportValue is not known locally`,
		`{ "Fn::Transform": {} }`: `line 23: !Transform is not known locally`,
		`!Sub "${Nobody}"`:        `line 23: !Sub: there is no parameter or resource "Nobody"`,
		`!Sub "${Name"`:           `line 23: !Sub: "${Name" has no closing brace`,
		`!Sub {}`:                 `takes a text, or a text and a map`,
		`!Select [3, [a]]`:        `line 23: !Select: index "3" of a list of 1`,
		`!Select [0, a]`:          `a list is wanted`,
		`!Select [0]`:             `takes an index and a list`,
		`!Join [",", a]`:          `a list is wanted`,
		`!Join [a]`:               `takes a delimiter and a list`,
		`!Split [",", [a]]`:       `takes a delimiter and a text`,
		`!If [Blue, a]`:           `takes a condition and two values`,
		`!If [Nobody, a, b]`:      `there is no condition "Nobody"`,
		`!If [Circular, a, b]`:    `condition Circular depends on itself`,
		`[a, list]`:               `cannot unmarshal !!seq into string`,
	} {
		t.Run(expression, func(t *testing.T) {
			_, err := Read([]byte(variable(expression)), place(nil))
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "resource Function (AWS::Serverless::Function, line 18)") {
				t.Errorf("%v, want %q of Function", err, want)
			}
		})
	}
}
