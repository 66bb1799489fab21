package template

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite golden files")

const deployed = "../../../template.yaml"

func place(parameters map[string]string) Place {
	return Place{AccountID: "111122223333", Region: "eu-west-1", StackName: "trailhand", Endpoint: "http://127.0.0.1:4566", Parameters: parameters}
}

func read(t *testing.T, source string) *Wiring {
	t.Helper()
	w, err := Read([]byte(source), place(nil))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func deployedSource(t *testing.T) []byte {
	t.Helper()
	source, err := os.ReadFile(deployed)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

func TestTheDeployedTemplateIsWired(t *testing.T) {
	w, err := Read(deployedSource(t), place(map[string]string{"Mode": "repair", "LogPrefix": "audit"}))
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.MarshalIndent(w, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	const golden = "testdata/wiring.json"
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("wiring (-want +got; -update rewrites it):\n%s", diff)
	}
}

func TestAnotherBucketsLogFilesAreToldByEventBridge(t *testing.T) {
	w, err := Read(deployedSource(t), place(map[string]string{"OtherLogBucket": "org-logs"}))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range w.Rules {
		if r.LogicalID != "OtherLogFiles" {
			continue
		}
		if !strings.Contains(r.Pattern, `"bucket":{"name":["org-logs"]}`) || r.Targets[0].ARN != w.Mappings[0].QueueARN {
			t.Errorf("rule %+v, want it to lead to the logparser's queue", r)
		}
		return
	}
	t.Error("there is no such rule")
}

func TestTheDeployedTemplatePassesCfnLint(t *testing.T) {
	if err := exec.Command("cfn-lint", "--version").Run(); err != nil {
		t.Skip("cfn-lint is not installed: template.yaml is not linted")
	}
	if out, err := exec.CommandContext(t.Context(), "cfn-lint", "-i", "I", "-t", deployed, "../../../examples/regions.yaml").CombinedOutput(); err != nil {
		t.Errorf("cfn-lint: %v\n%s", err, out)
	}
}

// What SAM makes of the template must be what is wired here, by the same
// logical ids.
func TestTheSAMTranslatorMakesWhatIsWired(t *testing.T) {
	if err := exec.Command("python3", "-c", "import samtranslator").Run(); err != nil {
		t.Skip("python3 with samtranslator is not installed: template.yaml is not translated")
	}
	var problems bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "python3", "testdata/translate.py", deployed)
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("samtranslator: %v\n%s", err, &problems)
	}
	var resources map[string]struct{ Type, Condition string }
	if err := json.Unmarshal(out, &resources); err != nil {
		t.Fatal(err)
	}
	made := map[string]string{}
	for id, r := range resources {
		if r.Condition != "" { // holds for no default
			continue
		}
		switch r.Type {
		case "AWS::Lambda::Function", "AWS::Events::Rule", "AWS::SQS::Queue", "AWS::Lambda::EventSourceMapping",
			"AWS::Scheduler::Schedule", "AWS::S3::Bucket", "AWS::S3::BucketPolicy":
			made[id] = r.Type
		}
	}
	w, err := Read(deployedSource(t), place(nil))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(made, byID(w)); diff != "" {
		t.Errorf("(-translated +wired):\n%s", diff)
	}
}

func byID(w *Wiring) map[string]string {
	out := map[string]string{}
	for _, f := range w.Functions {
		out[f.LogicalID] = "AWS::Lambda::Function"
	}
	for _, r := range w.Rules {
		out[r.LogicalID] = "AWS::Events::Rule"
	}
	for _, q := range w.Queues {
		out[q.LogicalID] = "AWS::SQS::Queue"
	}
	for _, m := range w.Mappings {
		out[m.LogicalID] = "AWS::Lambda::EventSourceMapping"
	}
	for _, s := range w.Schedules {
		out[s.LogicalID] = "AWS::Scheduler::Schedule"
	}
	for _, b := range w.Buckets {
		out[b.LogicalID] = "AWS::S3::Bucket"
	}
	for _, p := range w.Policies {
		out[p.LogicalID] = "AWS::S3::BucketPolicy"
	}
	return out
}

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

func resources(yaml string) string { return "Resources:\n" + yaml }

func function(event string) string {
	return resources(`
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        E: ` + event)
}

func TestWhatIsNotWiredIsAnError(t *testing.T) {
	for name, tc := range map[string]struct{ source, want string }{
		"no resources":              {`Parameters: {}`, "it has no Resources"},
		"no YAML":                   {"a: [", "reading the template: yaml:"},
		"a resource without type":   {resources("  X: { Properties: {} }"), "resource X (line 2): it has no Type"},
		"a plain mapping":           {resources("  M: { Type: AWS::Lambda::EventSourceMapping }"), "resource M (AWS::Lambda::EventSourceMapping, line 2): is not wired locally"},
		"an event of another type":  {function(`{ Type: Api }`), `event E (line 7): type "Api" is not wired locally`},
		"a cron schedule":           {function(`{ Type: ScheduleV2, Properties: { ScheduleExpression: "cron(0 1 * * ? *)", Input: "{}" } }`), `only rate(n minutes|hours|days) is run locally`},
		"a rate of nothing":         {function(`{ Type: ScheduleV2, Properties: { ScheduleExpression: rate(0 minutes), Input: "{}" } }`), `only rate`},
		"a rate in seconds":         {function(`{ Type: ScheduleV2, Properties: { ScheduleExpression: rate(5 seconds), Input: "{}" } }`), `the unit is`},
		"a schedule without input":  {function(`{ Type: ScheduleV2, Properties: { ScheduleExpression: rate(1 hour) } }`), "it has no Input"},
		"an input that is no JSON":  {function(`{ Type: ScheduleV2, Properties: { ScheduleExpression: rate(1 hour), Input: "{" } }`), `"{" is not JSON`},
		"a rule of another bus":     {function(`{ Type: EventBridgeRule, Properties: { EventBusName: mine, Pattern: {} } }`), `event bus "mine" is not wired locally`},
		"a rule without pattern":    {function(`{ Type: EventBridgeRule, Properties: {} }`), "it has no pattern"},
		"a batch size that is none": {function(`{ Type: SQS, Properties: { Queue: q, BatchSize: many } }`), `BatchSize: "many" is not a whole number`},
		"a notification to a topic": {resources("  B: { Type: AWS::S3::Bucket, Properties: { NotificationConfiguration: { TopicConfigurations: [{}] } } }"), "TopicConfigurations is not wired locally"},
		"a filter of another kind":  {resources("  B: { Type: AWS::S3::Bucket, Properties: { NotificationConfiguration: { QueueConfigurations: [{ Filter: { S3Key: { Rules: [{ Name: size, Value: 1 }] } } }] } } }"), `not "size"`},
		"an alias":                  {"Resources:\n  A: { Type: AWS::SQS::Queue, Properties: &p { DelaySeconds: 1 } }\n  B: { Type: AWS::SQS::Queue, Properties: { RedrivePolicy: *p } }", "CloudFormation does not take YAML aliases"},
		"a name that is circular":   {resources("  A: { Type: AWS::S3::Bucket, Properties: { BucketName: !Ref B } }\n  B: { Type: AWS::S3::Bucket, Properties: { BucketName: !Ref A } }"), "resource A depends on itself"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read([]byte(tc.source), place(nil))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v, want %q", err, tc.want)
			}
		})
	}
}

func TestEveryProblemIsReportedAtOnce(t *testing.T) {
	_, err := Read([]byte(resources(`
  A: { Type: AWS::SQS::Queue, Properties: { QueueName: !Ref X } }
  B: { Type: AWS::S3::Bucket, Properties: { BucketName: !Ref Y } }
`)), place(nil))
	for _, want := range []string{"resource A", `"X"`, "resource B", `"Y"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}

func TestAParameter(t *testing.T) {
	const source = `
Parameters:
  Colour: { Type: String, Default: blue, AllowedValues: [blue, red] }
  Size: { Type: Number, Default: 3 }
  Name: { Type: String, Default: abc, AllowedPattern: "[a-z]+", ConstraintDescription: "(small letters)" }
Resources:
  F: { Type: AWS::Serverless::Function, Properties: { Environment: { Variables: { C: !Ref Colour } } } }
`
	for name, tc := range map[string]struct {
		given map[string]string
		want  string // of the error; empty: C is red
	}{
		"that is given is used":           {map[string]string{"Colour": "red"}, ""},
		"of another value is refused":     {map[string]string{"Colour": "green"}, `parameter Colour: "green" is not one of ["blue" "red"]`},
		"that is no number is refused":    {map[string]string{"Size": "big"}, `parameter Size: "big" is not a number`},
		"of another pattern is refused":   {map[string]string{"Name": "a1"}, `parameter Name: "a1" does not match [a-z]+ (small letters)`},
		"that is not declared is refused": {map[string]string{"Weight": "1"}, `parameter Weight: the template does not declare it`},
	} {
		t.Run(name, func(t *testing.T) {
			w, err := Read([]byte(source), place(tc.given))
			if tc.want == "" {
				if err != nil || w.Functions[0].Environment["C"] != "red" {
					t.Errorf("%+v, %v", w, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v, want %q", err, tc.want)
			}
		})
	}
}

func TestAParameterWithoutAValueIsAnError(t *testing.T) {
	_, err := Read([]byte("Parameters:\n  P: { Type: String }\nResources:\n  Q: { Type: AWS::SQS::Queue }"), place(nil))
	if err == nil || !strings.Contains(err.Error(), "parameter P: it has no default and was given no value") {
		t.Error(err)
	}
}

func TestGlobalsAreMergedUnderAFunctionsOwn(t *testing.T) {
	w := read(t, `
Globals:
  Function:
    Timeout: 10
    MemorySize: 256
    Environment: { Variables: { LEVEL: info, BOTH: global } }
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Timeout: "20"
      Environment: { Variables: { BOTH: own, OWN: x } }
  G: { Type: AWS::Serverless::Function, Properties: {} }
`)
	f, g := w.Functions[0], w.Functions[1]
	if diff := cmp.Diff(map[string]string{"LEVEL": "info", "BOTH": "own", "OWN": "x"}, f.Environment); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	if f.Timeout != 20*time.Second || f.MemoryMB != 256 || g.Timeout != 10*time.Second || g.Environment["BOTH"] != "global" {
		t.Errorf("F %+v, G %+v", f, g)
	}
}

func TestAResourceWhoseConditionDoesNotHoldIsLeftOut(t *testing.T) {
	if w := read(t, variable("x")); len(w.Queues) != 2 || len(w.Buckets) != 1 {
		t.Errorf("queues %+v, buckets %+v", w.Queues, w.Buckets)
	}
}

func TestAPlainRuleIsWired(t *testing.T) {
	w := read(t, resources(`
  Q: { Type: AWS::SQS::Queue }
  R:
    Type: AWS::Events::Rule
    Properties:
      State: DISABLED
      EventPattern: { source: [aws.s3] }
      Targets: [{ Id: q, Arn: !GetAtt Q.Arn, InputPath: $.detail }]
`))
	want := []Rule{{
		LogicalID: "R", Name: "trailhand-R", Pattern: `{"source":["aws.s3"]}`, State: "DISABLED",
		Targets: []Target{{ID: "q", ARN: "arn:aws:sqs:eu-west-1:111122223333:trailhand-Q", InputPath: "$.detail"}},
	}}
	if diff := cmp.Diff(want, w.Rules); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}

// Whatever is read as a template is wired or refused: it does not panic, and a
// wiring names all that it has.
func FuzzATemplateIsWiredOrRefused(f *testing.F) {
	f.Add(variable("!Ref Name"))
	f.Add(function(`{ Type: SQS, Properties: { Queue: q } }`))
	f.Add("Resources:\n  A: &a\n    Type: AWS::SQS::Queue\n  B: *a\n")
	f.Add("Resources: { A: { Type: AWS::S3::Bucket, Properties: !If [] } }")
	f.Fuzz(func(t *testing.T, source string) {
		w, err := Read([]byte(source), place(nil))
		if (w == nil) == (err == nil) {
			t.Fatalf("wiring %v, error %v", w, err)
		}
		if err != nil {
			return
		}
		for id, kind := range byID(w) {
			if !strings.Contains(source, kind[strings.LastIndex(kind, ":")+1:]) && !strings.Contains(source, "Serverless") {
				t.Errorf("%s (%s) is wired out of nothing", id, kind)
			}
		}
	})
}
