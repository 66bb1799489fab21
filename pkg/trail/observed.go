package trail

import (
	"time"

	"github.com/trailhand/trailhand/pkg/selectors"
)

// Observed is what a trail is.
type Observed struct {
	Name, ARN, HomeRegion string
	Attributes
	IsLogging    bool
	Selectors    selectors.Set
	Insights     []InsightSelector
	Aggregations []Aggregation
	Tags         map[string]string
	Status       Status
	// Unread are the settings that could not be read, and why. They are not
	// compared.
	Unread map[Field]error
}

// Status is what GetTrailStatus says of a trail's deliveries. A time is zero when
// there was none.
type Status struct {
	LatestDeliveryError, LatestNotificationError string
	LatestDeliveryTime                           time.Time
	StartLoggingTime, StopLoggingTime            time.Time
}

// Ref names a trail: its name or ARN, and the Region where it is known by name.
type Ref struct{ Region, Trail string }
