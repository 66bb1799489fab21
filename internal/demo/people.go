package demo

import (
	"fmt"
	"strings"

	"github.com/trailhand/trailhand/internal/cloud/tokens"
)

// people are the users of the account: ada administers it, mallory undoes the trail.
func people() []tokens.Identity {
	var all []tokens.Identity
	for _, name := range []string{"ada", "mallory"} {
		all = append(all, tokens.Identity{
			AccessKeyID: accessKey(name), SecretAccessKey: "of-no-importance", AccountID: accountID,
			ARN:    fmt.Sprintf("arn:aws:iam::%s:user/%s", accountID, name),
			UserID: "AIDAEXAMPLE" + strings.ToUpper(name),
		})
	}
	return all
}

func accessKey(name string) string { return "AKIAEXAMPLE" + strings.ToUpper(name) }
