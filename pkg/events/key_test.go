package events

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseKey(t *testing.T) {
	at := time.Date(2025, 6, 15, 22, 5, 0, 0, time.UTC)
	base := Key{AccountID: "111122223333", Region: "us-east-2", Time: at, Suffix: "Mu0KsOhtH1ar15ZZ"}
	with := func(change func(*Key)) Key { k := base; change(&k); return k }
	for name, c := range map[string]struct {
		key  string
		want Key
	}{
		"a log file": {"AWSLogs/111122223333/CloudTrail/us-east-2/2025/06/15/111122223333_CloudTrail_us-east-2_20250615T2205Z_Mu0KsOhtH1ar15ZZ.json.gz", base},
		"a log file under a prefix": {"a/b c/AWSLogs/111122223333/CloudTrail/us-east-2/2025/06/15/111122223333_CloudTrail_us-east-2_20250615T2205Z_Mu0KsOhtH1ar15ZZ.json.gz",
			with(func(k *Key) { k.Prefix = "a/b c" })},
		"a prefix that is itself called AWSLogs": {"AWSLogs/AWSLogs/111122223333/CloudTrail/us-east-2/2025/06/15/111122223333_CloudTrail_us-east-2_20250615T2205Z_Mu0KsOhtH1ar15ZZ.json.gz",
			with(func(k *Key) { k.Prefix = "AWSLogs" })},
		"an organization's log file": {"AWSLogs/o-abcdefghij/111122223333/CloudTrail/us-east-2/2025/06/15/111122223333_CloudTrail_us-east-2_20250615T2205Z_Mu0KsOhtH1ar15ZZ.json.gz",
			with(func(k *Key) { k.OrganizationID = "o-abcdefghij" })},
		"an organization's log file under a prefix": {"p/AWSLogs/o-abcdefghij/111122223333/CloudTrail/us-east-2/2025/06/15/111122223333_CloudTrail_us-east-2_20250615T2205Z_Mu0KsOhtH1ar15ZZ.json.gz",
			with(func(k *Key) { k.Prefix = "p"; k.OrganizationID = "o-abcdefghij" })},
		"an Insight file": {"AWSLogs/111122223333/CloudTrail-Insight/us-east-2/2025/06/15/111122223333_CloudTrail-Insight_us-east-2_20250615T2205Z_Mu0KsOhtH1ar15ZZ.json.gz",
			with(func(k *Key) { k.Kind = KeyInsight })},
		"a file of another day's folder": {"AWSLogs/111122223333/CloudTrail/us-east-2/2025/06/14/111122223333_CloudTrail_us-east-2_20250615T2205Z_Mu0KsOhtH1ar15ZZ.json.gz",
			with(func(k *Key) { k.Day = time.Date(2025, 6, 14, 0, 0, 0, 0, time.UTC) })},
		"a digest": {"AWSLogs/111122223333/CloudTrail-Digest/us-east-2/2025/06/15/111122223333_CloudTrail-Digest_us-east-2_my_trail_eu-west-1_20250615T220500Z.json.gz",
			with(func(k *Key) { k.Kind = KeyDigest; k.Suffix = ""; k.Trail = "my_trail"; k.HomeRegion = "eu-west-1" })},
		"a digest that was filled in later": {"AWSLogs/o-abcdefghij/111122223333/CloudTrail-Digest/us-east-2/2025/06/15/111122223333_CloudTrail-Digest_us-east-2_t_eu-west-1_20250615T220500Z_backfill.json.gz",
			with(func(k *Key) {
				k.OrganizationID, k.Kind, k.Suffix, k.Trail, k.HomeRegion, k.Backfill = "o-abcdefghij", KeyDigest, "", "t", "eu-west-1", true
			})},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseKey(c.key)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if got.String() != c.key {
				t.Errorf("String is %s", got)
			}
		})
	}
}

func TestParseKeyRefusesForeignKeys(t *testing.T) {
	const good = "AWSLogs/111122223333/CloudTrail/us-east-2/2025/06/15/111122223333_CloudTrail_us-east-2_20250615T2205Z_Mu0KsOhtH1ar15ZZ.json.gz"
	for name, c := range map[string]struct{ old, new, says string }{
		"the empty key":                     {good, "", "too few folders"},
		"a directory marker":                {"111122223333_CloudTrail_us-east-2_20250615T2205Z_Mu0KsOhtH1ar15ZZ.json.gz", "", "does not end in .json.gz"},
		"another folder than AWSLogs":       {"AWSLogs", "awslogs", "no folder AWSLogs"},
		"no account":                        {"AWSLogs/111122223333", "AWSLogs/11112222333", "no account id"},
		"another service's folder":          {"/CloudTrail/", "/vpcflowlogs/", "none of CloudTrail's"},
		"CloudTrail in another case":        {"/CloudTrail/", "/Cloudtrail/", "none of CloudTrail's"},
		"a Region that is none":             {"/us-east-2/", "/US East/", "no Region"},
		"a name of another account":         {"/111122223333_", "/999922223333_", "does not begin with"},
		"a name of another Region":          {"_us-east-2_", "_us-east-1_", "does not begin with"},
		"a name of another kind":            {"_CloudTrail_", "_CloudTrail-Insight_", "does not begin with"},
		"a name without a unique part":      {"_Mu0KsOhtH1ar15ZZ", "", "no unique part"},
		"a time that is none":               {"20250615T2205Z", "20251315T2205Z", "no time"},
		"a day that is none":                {"2025/06/15", "2025/06/31", "no day"},
		"a file that is not compressed":     {".json.gz", ".json", "does not end in"},
		"a prefix with a slash before it":   {"AWSLogs/", "/AWSLogs/", "slash"},
		"an organization that is none":      {"AWSLogs/", "AWSLogs/o-ABC/", "no folder AWSLogs"},
		"a digest's kind with a log's name": {"CloudTrail", "CloudTrail-Digest", "a digest's name"},
		"a digest without a time":           {good, "AWSLogs/111122223333/CloudTrail-Digest/us-east-2/2025/06/15/111122223333_CloudTrail-Digest_us-east-2_t_eu-west-1_now.json.gz", "no time"},
		"a digest without a trail":          {good, "AWSLogs/111122223333/CloudTrail-Digest/us-east-2/2025/06/15/111122223333_CloudTrail-Digest_us-east-2__eu-west-1_20250615T220500Z.json.gz", "no trail"},
	} {
		t.Run(name, func(t *testing.T) {
			key := strings.ReplaceAll(good, c.old, c.new)
			k, err := ParseKey(key)
			if err == nil {
				t.Fatalf("%s is %+v", key, k)
			}
			if !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "key \"") {
				t.Errorf("error %q does not say %q", err, c.says)
			}
		})
	}
}

func TestFromAWSLogsDropsWhatIsBeforeTheFolder(t *testing.T) {
	for name, want := range map[string]string{
		"AWSLogs/1/f": "AWSLogs/1/f", "p/AWSLogs/1/f": "AWSLogs/1/f", "s3://b/p/AWSLogs/1/f": "AWSLogs/1/f", "/copy/AWSLogs/p/AWSLogs/1/f": "AWSLogs/1/f",
		"myAWSLogs/1/f": "myAWSLogs/1/f", "AWSLogs": "AWSLogs", "other/f": "other/f", "": "",
	} {
		if got := FromAWSLogs(name); got != want {
			t.Errorf("of %q it leaves %q, want %q", name, got, want)
		}
	}
}

func FuzzParseKey(f *testing.F) {
	f.Add("p/AWSLogs/o-abcdefghij/111122223333/CloudTrail/us-east-2/2025/06/15/111122223333_CloudTrail_us-east-2_20250615T2205Z_Mu0KsOhtH1ar15ZZ.json.gz")
	f.Add("AWSLogs/111122223333/CloudTrail-Digest/us-east-2/2025/06/15/111122223333_CloudTrail-Digest_us-east-2_t_eu-west-1_20250615T220500Z_backfill.json.gz")
	f.Fuzz(func(t *testing.T, s string) {
		if k, err := ParseKey(s); err == nil && k.String() != s {
			t.Errorf("%q becomes %q", s, k)
		}
	})
}
