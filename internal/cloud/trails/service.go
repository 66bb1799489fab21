package trails

import "github.com/trailhand/trailhand/internal/cloud/wire"

// Service answers CloudTrail's API.
func (ts *Trails) Service() *wire.Service {
	return &wire.Service{
		Source:  source,
		Version: wire.JSON11,
		Now:     ts.cfg.Now,
		Operations: map[string]wire.Operation{
			"AddTags":                wire.Op(ts.addTags),
			"CreateTrail":            wire.Op(ts.createTrail),
			"DeleteTrail":            wire.Op(ts.deleteTrail),
			"DescribeTrails":         wire.Op(ts.describeTrails),
			"GetEventConfiguration":  wire.Op(ts.getEventConfiguration),
			"GetEventSelectors":      wire.Op(ts.getEventSelectors),
			"GetInsightSelectors":    wire.Op(ts.getInsightSelectors),
			"GetTrail":               wire.Op(ts.getTrail),
			"GetTrailStatus":         wire.Op(ts.getTrailStatus),
			"ListInsightsData":       wire.Op(ts.listInsightsData),
			"ListInsightsMetricData": wire.Op(ts.listInsightsMetricData),
			"ListPublicKeys":         wire.Op(ts.listPublicKeys),
			"ListTags":               wire.Op(ts.listTags),
			"ListTrails":             wire.Op(ts.listTrails),
			"LookupEvents":           wire.Op(ts.lookupEvents),
			"PutEventConfiguration":  wire.Op(ts.putEventConfiguration),
			"PutEventSelectors":      wire.Op(ts.putEventSelectors),
			"PutInsightSelectors":    wire.Op(ts.putInsightSelectors),
			"RemoveTags":             wire.Op(ts.removeTags),
			"StartLogging":           wire.Op(ts.startLogging),
			"StopLogging":            wire.Op(ts.stopLogging),
			"UpdateTrail":            wire.Op(ts.updateTrail),
		},
		Unsupported: outside(),
	}
}

// outside names CloudTrail's operations that are not on trails: Lake,
// channels, dashboards, imports and delegated administration.
func outside() []string {
	return []string{
		"CancelQuery", "CreateChannel", "CreateDashboard", "CreateEventDataStore",
		"DeleteChannel", "DeleteDashboard", "DeleteEventDataStore", "DeleteResourcePolicy",
		"DeregisterOrganizationDelegatedAdmin", "DescribeQuery", "DisableFederation", "EnableFederation",
		"GenerateQuery", "GetChannel", "GetDashboard", "GetEventDataStore", "GetImport",
		"GetQueryResults", "GetResourcePolicy", "ListChannels", "ListDashboards",
		"ListEventDataStores", "ListImportFailures", "ListImports", "ListQueries", "PutResourcePolicy",
		"RegisterOrganizationDelegatedAdmin", "RestoreEventDataStore", "SearchSampleQueries",
		"StartDashboardRefresh", "StartEventDataStoreIngestion", "StartImport", "StartQuery",
		"StopEventDataStoreIngestion", "StopImport", "UpdateChannel", "UpdateDashboard",
		"UpdateEventDataStore",
	}
}
