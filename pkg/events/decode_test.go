package events

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDecodeKeepsWhatItDoesNotKnow(t *testing.T) {
	r := mustParse(t, `{"eventVersion":"1.99","eventName":7,"EventName":"evil","future":{"n":9007199254740993},
		"userIdentity":{"type":"AssumedRole","new":[1.0],"sessionContext":{"attributes":{"mfaAuthenticated":false,"x":1}}},
		"readOnly":"true","managementEvent":1,"errorCode":["x"],"resources":[{"ARN":"a","ARN":"b","Arn":"c"}],"tlsDetails":[],
		"requestParameters":{"big":123456789012345678901234567890,"odd":1e400,"text":"\u003c"}}`)
	e := r.Decode()
	yes := true
	want := &Event{
		EventVersion: "1.99", EventName: "7", ReadOnly: &yes,
		UserIdentity: &UserIdentity{
			Type: "AssumedRole",
			SessionContext: &SessionContext{Attributes: &SessionAttributes{MFAAuthenticated: "false",
				Unknown: map[string]json.RawMessage{"x": []byte("1")}}},
			Unknown: map[string]json.RawMessage{"new": []byte("[1.0]")},
		},
		Resources:         []Resource{{ARN: "b", Unknown: map[string]json.RawMessage{"Arn": []byte(`"c"`)}}},
		RequestParameters: json.RawMessage(`{"big":123456789012345678901234567890,"odd":1e400,"text":"\u003c"}`),
		Unknown: map[string]json.RawMessage{
			"EventName": []byte(`"evil"`), "future": []byte(`{"n":9007199254740993}`),
			"managementEvent": []byte("1"), "errorCode": []byte(`["x"]`), "tlsDetails": []byte("[]"),
		},
	}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeReadsInsights(t *testing.T) {
	r := mustParse(t, `{"eventCategory":"Insight","insightDetails":{"state":"Start","eventSource":"a","eventName":"b","insightType":"ApiCallRateInsight",
		"insightContext":{"statistics":{"baseline":{"average":8.82145e-05},"insight":{"average":0.6},"insightDuration":5,"baselineDuration":11336},
		"attributions":[{"attribute":"userAgent","insight":[{"value":"x","average":0.60}],"baseline":[]}]}}}`)
	want := &Anomaly{
		State: "Start", EventSource: "a", EventName: "b", InsightType: "ApiCallRateInsight",
		InsightContext: &InsightContext{
			Statistics:   &Statistics{Baseline: &Rate{Average: "8.82145e-05"}, Insight: &Rate{Average: "0.6"}, InsightDuration: "5", BaselineDuration: "11336"},
			Attributions: []Attribution{{Attribute: "userAgent", Insight: []Share{{Value: "x", Average: "0.60"}}, Baseline: []Share{}}},
		},
	}
	if diff := cmp.Diff(want, r.Decode().InsightDetails); diff != "" {
		t.Error(diff)
	}
}

// TestEveryFieldOfTheReferenceIsDecoded gives every field of every struct a
// value under its name, and wants it there and not in Unknown.
func TestEveryFieldOfTheReferenceIsDecoded(t *testing.T) {
	r := mustParse(t, sampleObject(reflect.TypeFor[Event]()))
	checkFilled(t, "Event", reflect.ValueOf(r.Decode()).Elem())
}

func sampleObject(typ reflect.Type) string {
	var members []string
	for i := range typ.NumField() {
		name, known := typ.Field(i).Tag.Lookup("json")
		if known {
			members = append(members, `"`+name+`":`+sampleValue(typ.Field(i).Type))
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

func sampleValue(typ reflect.Type) string {
	switch {
	case typ == reflect.TypeFor[json.Number]():
		return "1.50"
	case typ == reflect.TypeFor[json.RawMessage]():
		return `{"a": 1}`
	case typ == reflect.TypeFor[*bool]():
		return "true"
	case typ.Kind() == reflect.Pointer:
		return sampleObject(typ.Elem())
	case typ.Kind() == reflect.Slice:
		return "[" + sampleObject(typ.Elem()) + "]"
	}
	return `"text"`
}

func checkFilled(t *testing.T, path string, v reflect.Value) {
	t.Helper()
	for i := range v.NumField() {
		name, field := path+"."+v.Type().Field(i).Name, v.Field(i)
		if _, known := v.Type().Field(i).Tag.Lookup("json"); field.IsZero() == known {
			t.Errorf("%s is %v", name, field)
			continue
		}
		switch {
		case field.Kind() == reflect.Pointer && field.Elem().Kind() == reflect.Struct:
			checkFilled(t, name, field.Elem())
		case field.Kind() == reflect.Slice && field.Type().Elem().Kind() == reflect.Struct:
			checkFilled(t, name, field.Index(0))
		}
	}
}
