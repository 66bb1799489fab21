package cloud

import (
	"context"
	"fmt"
	"time"

	"github.com/trailhand/trailhand/internal/cloud/template"
)

// sessionLifetime of a function's credentials: as long as the account runs.
const sessionLifetime = 10 * 365 * 24 * time.Hour

// environment is what Lambda itself puts into a function's environment: its
// Region, where AWS is, and the credentials of its role.
func (c *Cloud) environment(f template.Function) map[string]string {
	role := fmt.Sprintf("arn:aws:iam::%s:role/%s", c.cfg.AccountID, f.RoleName)
	id := c.tokens.Assume(role, f.Name, sessionLifetime)
	return map[string]string{
		"AWS_REGION": c.cfg.Region, "AWS_ENDPOINT_URL": c.url,
		"AWS_ACCESS_KEY_ID": id.AccessKeyID, "AWS_SECRET_ACCESS_KEY": id.SecretAccessKey, "AWS_SESSION_TOKEN": id.SessionToken,
		"AWS_LAMBDA_FUNCTION_NAME": f.Name,
	}
}

// makeBuckets makes the template's buckets, with their policies.
func (c *Cloud) makeBuckets(ctx context.Context) error {
	for _, b := range c.wiring.Buckets {
		if err := c.buckets.Create(ctx, b.Name, c.cfg.Region); err != nil {
			return fmt.Errorf("bucket %s: %w", b.LogicalID, err)
		}
		if !b.Versioning {
			continue
		}
		if err := c.buckets.EnableVersioning(ctx, b.Name); err != nil {
			return fmt.Errorf("bucket %s: %w", b.LogicalID, err)
		}
	}
	for _, p := range c.wiring.Policies {
		if err := c.buckets.SetPolicy(p.Bucket, []byte(p.Document)); err != nil {
			return fmt.Errorf("%s: %w", p.LogicalID, err)
		}
	}
	return nil
}
