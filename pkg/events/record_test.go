package events

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func mustParse(t testing.TB, s string) Record {
	t.Helper()
	r, err := Parse([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestText(t *testing.T) {
	for name, c := range map[string]struct {
		in    string
		field Field
		want  string
		none  bool
	}{
		"a string is given without quotes":                        {in: `{"eventName":"GetObject"}`, field: EventName, want: "GetObject"},
		"an empty string is there":                                {in: `{"errorCode":""}`, field: ErrorCode},
		"null is not there":                                       {in: `{"errorCode":null}`, field: ErrorCode, none: true},
		"a boolean is given as its literal":                       {in: `{"readOnly":true}`, field: ReadOnly, want: "true"},
		"a number is given as it was written":                     {in: `{"eventID":1e400}`, field: EventID, want: "1e400"},
		"an object in a text's place is not there":                {in: `{"eventName":{"eventName":"x"}}`, field: EventName, none: true},
		"an array in a text's place is not there":                 {in: `{"eventName":["x"]}`, field: EventName, none: true},
		"escapes are resolved":                                    {in: `{"userAgent":"a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"}`, field: UserAgent, want: "a\"\\/\b\f\n\r\té😀"},
		"a lone surrogate reads as the replacement character":     {in: `{"userAgent":"\ud83dx"}`, field: UserAgent, want: "\ufffdx"},
		"invalid UTF-8 reads as the replacement character":        {in: "{\"userAgent\":\"\xffx\"}", field: UserAgent, want: "\ufffdx"},
		"an escaped name is the name":                             {in: `{"event\u004eame":"x"}`, field: EventName, want: "x"},
		"a name of another case is another name":                  {in: `{"eventname":"evil"}`, field: EventName, none: true},
		"the last of two equal names counts":                      {in: `{"eventName":"a","eventName":"b"}`, field: EventName, want: "b"},
		"the last counts when it is escaped":                      {in: `{"eventName":"a","event\u004eame":"b"}`, field: EventName, want: "b"},
		"the last counts when it is null":                         {in: `{"eventName":"a","eventName":null}`, field: EventName, none: true},
		"the last userIdentity replaces the one before":           {in: `{"userIdentity":{"arn":"a"},"userIdentity":{"type":"b"}}`, field: UserIdentityARN, none: true},
		"a userIdentity that is null replaces the one before":     {in: `{"userIdentity":{"arn":"a"},"userIdentity":null}`, field: UserIdentityARN, none: true},
		"a userIdentity that is a text has no fields":             {in: `{"userIdentity":"arn"}`, field: UserIdentityARN, none: true},
		"a field of userIdentity is found":                        {in: `{"userIdentity":{"x":{"arn":"no"},"arn":"a"}}`, field: UserIdentityARN, want: "a"},
		"the same name deeper down is another field":              {in: `{"requestParameters":{"eventName":"no"}}`, field: EventName, none: true},
		"insightDetails is given as JSON":                         {in: `{"insightDetails":{"state":"End"}}`, field: InsightDetails, want: `{"state":"End"}`},
		"an Insight record's own eventSource is not at the top":   {in: `{"insightDetails":{"eventSource":"x"}}`, field: EventSource, none: true},
		"an aggregated event has no eventID, for it says eventId": {in: `{"eventId":"1","accountId":"2"}`, field: EventID, none: true},
	} {
		t.Run(name, func(t *testing.T) {
			r := mustParse(t, c.in)
			got := r.Text(c.field)
			if string(got) != c.want || (got == nil) != c.none {
				t.Errorf("Text is %q (nil: %t), want %q (nil: %t)", got, got == nil, c.want, c.none)
			}
			if r.String(c.field) != c.want {
				t.Errorf("String is %q, want %q", r.String(c.field), c.want)
			}
		})
	}
}

func TestParseRefusesWhatIsNoRecord(t *testing.T) {
	for name, c := range map[string]struct {
		in    string
		fault Fault
		says  string
	}{
		"nothing":                {"", NotObject, ""},
		"null":                   {"null", NotObject, ""},
		"an array":               {"[{}]", NotObject, ""},
		"an object cut short":    {`{"a":1`, Malformed, "ends inside"},
		"an object with a tail":  {`{} x`, Malformed, `'x' at byte 3`},
		"a byte that is no JSON": {`{"a":?}`, Malformed, `'?' at byte 5`},
		"nesting over the limit": {`{"a":` + strings.Repeat("[", maxDepth), TooDeep, "512"},
	} {
		t.Run(name, func(t *testing.T) {
			var re *RecordError
			_, err := Parse([]byte(c.in))
			if !errors.As(err, &re) || re.Fault != c.fault || !strings.Contains(err.Error(), c.says) {
				t.Errorf("Parse: %v, want %s", err, c.fault)
			}
		})
	}
}

func TestCategory(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want Category
	}{
		"eventCategory says it: Management":                     {`{"eventCategory":"Management","managementEvent":false}`, Management},
		"eventCategory says it: Data":                           {`{"eventCategory":"Data","managementEvent":true}`, Data},
		"eventCategory says it: Insight":                        {`{"eventCategory":"Insight"}`, Insight},
		"eventCategory says it: NetworkActivity":                {`{"eventCategory":"NetworkActivity"}`, NetworkActivity},
		"an eventCategory not heard of is Management":           {`{"eventCategory":"New"}`, Management},
		"a category in another case is not heard of":            {`{"eventCategory":"data"}`, Management},
		"a key in another case says nothing":                    {`{"EventCategory":"Data"}`, Management},
		"an escaped category counts":                            {`{"event\u0043ategory":"D\u0061ta"}`, Data},
		"without a category an Insight is known by its type":    {`{"eventType":"AwsCloudTrailInsight","managementEvent":true}`, Insight},
		"without a category a VPC endpoint event by its type":   {`{"eventType":"AwsVpceEvent"}`, NetworkActivity},
		"without a category managementEvent true is Management": {`{"managementEvent":true,"resources":[{"type":"AWS::S3::Object"}]}`, Management},
		"without a category managementEvent false is Data":      {`{"managementEvent":false}`, Data},
		"with neither a resource of a data type makes it Data":  {`{"resources":[{"type":"AWS::S3::Bucket"},{"type":"AWS::S3::Object"}]}`, Data},
		"with neither and no such resource it is Management":    {`{"resources":[{"type":"AWS::S3::Bucket"}]}`, Management},
		"a record that says nothing is Management":              {`{}`, Management},
		"a null category is none":                               {`{"eventCategory":null,"managementEvent":false}`, Data},
	} {
		t.Run(name, func(t *testing.T) {
			r := mustParse(t, c.in)
			if got := r.Category(); got != c.want {
				t.Errorf("category %v, want %v", got, c.want)
			}
		})
	}
}

func TestTime(t *testing.T) {
	r := mustParse(t, `{"eventTime":"2025-06-15T10:11:12Z"}`)
	if got, err := r.Time(); err != nil || !got.Equal(time.Date(2025, 6, 15, 10, 11, 12, 0, time.UTC)) {
		t.Errorf("time %v, %v", got, err)
	}
	for _, odd := range []string{`{}`, `{"eventTime":"yesterday"}`, `{"eventTime":1749945600}`, `{"eventTime":null}`} {
		r := mustParse(t, odd)
		if got, err := r.Time(); err == nil {
			t.Errorf("%s has the time %v", odd, got)
		}
	}
}

func TestEachResourceVisitsObjectsUntilItIsTold(t *testing.T) {
	r := mustParse(t, `{"resources":[ {"type":"A","ARN":"a\u0062"}, 7, {"ARN":"c","arn":"no"} , {} ]}`)
	var got []string
	r.EachResource(func(typ, arn []byte) bool {
		got = append(got, string(typ)+"="+string(arn))
		return len(got) < 3
	})
	if diff := cmp.Diff([]string{"A=ab", "=c", "="}, got); diff != "" {
		t.Error(diff)
	}
	calls := 0
	r.EachResource(func(_, _ []byte) bool { calls++; return false })
	if calls != 1 {
		t.Errorf("%d calls after the first said no", calls)
	}
	for _, none := range []string{`{}`, `{"resources":null}`, `{"resources":"x"}`, `{"resources":[]}`, `{"resources":{"type":"A"}}`} {
		r := mustParse(t, none)
		r.EachResource(func(typ, arn []byte) bool { t.Errorf("%s has a resource", none); return true })
	}
}

func TestACloneStaysValid(t *testing.T) {
	r := NewReader(strings.NewReader(`{"Records":[{"eventName":"first"},{"eventName":"other"}]}`), Limits{})
	rec, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	c := rec.Clone()
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	clear(r.buf)
	if c.String(EventName) != "first" || string(c.Raw()) != `{"eventName":"first"}` {
		t.Errorf("the clone has become %s", c.Raw())
	}
}
