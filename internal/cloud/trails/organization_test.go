package trails

import (
	"strings"
	"testing"
)

func TestAnOrganizationIsReadOrItsProblemsAreTold(t *testing.T) {
	good := `{"id":"o-exampleorgid","managementAccount":"111122223333","delegatedAdministrators":["222233334444"],"members":["333344445555"]}`
	o, err := ReadOrganization([]byte(good))
	if err != nil || !o.includes("333344445555") || !o.administeredBy("222233334444") || o.includes("444455556666") {
		t.Errorf("read %+v, %v", o, err)
	}
	for bad, want := range map[string]string{
		`{"id":"x","managementAccount":"111122223333"}`:                                  `id "x"`,
		`{"id":"o-exampleorgid","managementAccount":"1"}`:                                `account "1"`,
		`{"id":"o-exampleorgid","managementAccount":"111122223333","members":["m"]}`:     `account "m"`,
		`{"id":"o-exampleorgid","managementAccount":"111122223333","memebers":["m"]}`:    `memebers`,
		`{"id":"o-exampleorgid","managementAccount":"111122223333","featureSet":"SOME"}`: `featureSet "SOME"`,
		`[]`: `array`,
	} {
		if _, err := ReadOrganization([]byte(bad)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
