package cloud

import "context"

// Invoke runs a function, by its logical id, name or ARN, and gives its answer.
func (c *Cloud) Invoke(ctx context.Context, function string, payload []byte) ([]byte, error) {
	return c.host.Invoke(ctx, function, payload)
}
