package upstream

import (
	"encoding/json"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/smithy-go/encoding/cbor"
)

func overCBOR(operation string, body cbor.Value) *http.Request {
	r := request("POST", "/service/GraniteServiceVersion20100801/operation/"+operation, "application/cbor", "", string(cbor.Encode(body)))
	r.Header.Set("Smithy-Protocol", "rpc-v2-cbor")
	return r
}

func TestCallsOverCBORAreDescribed(t *testing.T) {
	asked := cbor.Map{
		"AlarmName": cbor.String("busy"), "Threshold": cbor.Float64(0.5), "EvaluationPeriods": cbor.Uint(3), "Offset": cbor.NegInt(2), "ActionsEnabled": cbor.Bool(true),
		"Dimensions": cbor.List{cbor.Map{"Name": cbor.String("queue"), "Value": cbor.String("orders")}},
		"StartTime":  &cbor.Tag{ID: 1, Value: cbor.Float64(1700000000.5)}, "Data": cbor.Slice{1, 2}, "Nothing": &cbor.Nil{}, "Limit": cbor.Float64(math.Inf(1)),
	}
	r := overCBOR("PutMetricAlarm", asked)
	sent := string(cbor.Encode(cbor.Map{"AlarmArn": cbor.String("arn")}))
	e := &emulator{status: 200, answer: sent, kind: "application/cbor"}
	w, call, _ := pass(t, e, "monitoring", r)
	if w.Body.String() != sent || call.EventName != "PutMetricAlarm" {
		t.Errorf("%s, answered %q", call.EventName, w.Body)
	}
	sameJSON(t, "parameters", call.Request, `{"alarmName":"busy","threshold":0.5,"evaluationPeriods":3,"offset":-2,"actionsEnabled":true,
		"dimensions":[{"name":"queue","value":"orders"}],"startTime":"Nov 14, 2023, 10:13:20 PM","data":"AQI=","nothing":null,"limit":"+Inf"}`)
	sameJSON(t, "elements", call.Response, `{"alarmArn":"arn"}`)
}

func TestAFaultOverCBORIsRead(t *testing.T) {
	answer := cbor.Encode(cbor.Map{"__type": cbor.String("com.amazonaws.cloudwatch#ResourceNotFound"), "message": cbor.String("no alarm")})
	_, call, _ := pass(t, &emulator{status: 400, answer: string(answer), kind: "application/cbor"}, "monitoring", overCBOR("DescribeAlarms", cbor.Map{}))
	if f := call.Fault; f == nil || f.Code != "ResourceNotFound" || f.Message != "no alarm" {
		t.Errorf("fault %v", f)
	}
}

func TestABodyThatIsNoCBORIsPassedOnAndLeftOut(t *testing.T) {
	r := overCBOR("PutMetricAlarm", cbor.Map{})
	bad := "\xbf\x61" + strings.Repeat("\x9f", 100_000) // lists in lists, without end
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(bad)), int64(len(bad))
	e := &emulator{status: 200}
	_, call, _ := pass(t, e, "monitoring", r)
	if e.body != bad {
		t.Error("it is not passed on as it was")
	}
	sameJSON(t, "parameters", call.Request, `{}`)
}

// FuzzCBOR holds that whatever is decoded can be written into a record.
func FuzzCBOR(f *testing.F) {
	f.Add(cbor.Encode(cbor.Map{"a": cbor.List{cbor.Float64(1e300), cbor.NegInt(1), &cbor.Tag{ID: 1, Value: cbor.Float64(1e300)}}}))
	f.Add([]byte("\xa1\x61a\xf9\x7c\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		x := exchange{}
		if _, err := json.Marshal(x.members(cborTree(data))); err != nil {
			t.Fatal(err)
		}
	})
}
