package trails

import (
	"errors"
	"fmt"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// fault makes the exception with the given name, without its suffix.
func fault(name, format string, args ...any) *wire.Fault {
	return &wire.Fault{Code: name + "Exception", Message: fmt.Sprintf(format, args...)}
}

func notFound(trail, account string) *wire.Fault {
	return fault("TrailNotFound", "Unknown trail: %s for the user: %s", trail, account)
}

// orFault gives err if it is a fault already, else the named exception with a message.
func orFault(err error, name, message string) error {
	var f *wire.Fault
	if errors.As(err, &f) {
		return f
	}
	return fault(name, "%s", message)
}
