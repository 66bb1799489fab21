package operations

// source gives the eventSource of a service: its endpoint prefix, but for those
// whose records are known to have another name.
// Source: the services' pages "Logging … API calls using AWS CloudTrail".
func source(endpointPrefix string) string {
	if name, other := otherSources()[endpointPrefix]; other {
		return name + ".amazonaws.com"
	}
	return endpointPrefix + ".amazonaws.com"
}

func otherSources() map[string]string {
	return map[string]string{
		"a2i-runtime.sagemaker":          "sagemaker",
		"api.detective":                  "detective",
		"api.ecr":                        "ecr",
		"api.ecr-public":                 "ecr-public",
		"api.iotdeviceadvisor":           "iotdeviceadvisor",
		"api.iotwireless":                "iotwireless",
		"api.mediatailor":                "mediatailor",
		"api.pricing":                    "pricing",
		"api.sagemaker":                  "sagemaker",
		"application-autoscaling":        "autoscaling",
		"bedrock-agent":                  "bedrock",
		"bedrock-agent-runtime":          "bedrock",
		"bedrock-runtime":                "bedrock",
		"edge.sagemaker":                 "sagemaker",
		"email":                          "ses",
		"featurestore-runtime.sagemaker": "sagemaker",
		"ingest.timestream":              "timestream",
		"metrics.sagemaker":              "sagemaker",
		"models.lex":                     "lex",
		"portal.sso":                     "sso",
		"query.timestream":               "timestream",
		"rds-data":                       "rdsdata",
		"runtime.lex":                    "lex",
		"runtime.sagemaker":              "sagemaker",
		"streams.dynamodb":               "dynamodb",
		"transcribestreaming":            "transcribe",
	}
}

// recordedName gives the eventName of an operation: its name, but for those
// of Lambda that are recorded with the version of the API.
// Source: AWS Lambda Developer Guide, "Logging Lambda API calls using CloudTrail".
func recordedName(endpointPrefix, name string) string {
	if version := lambdaVersions()[name]; endpointPrefix == "lambda" {
		return name + version
	}
	return name
}

func lambdaVersions() map[string]string {
	return map[string]string{
		"AddPermission":               "20150331v2",
		"CreateAlias":                 "20150331",
		"CreateEventSourceMapping":    "20150331",
		"CreateFunction":              "20150331",
		"DeleteAlias":                 "20150331",
		"DeleteEventSourceMapping":    "20150331",
		"DeleteFunction":              "20150331",
		"DeleteFunctionConcurrency":   "20171031",
		"GetAccountSettings":          "20160819",
		"GetAlias":                    "20150331",
		"GetEventSourceMapping":       "20150331",
		"GetFunction":                 "20150331v2",
		"GetFunctionConfiguration":    "20150331v2",
		"GetPolicy":                   "20150331v2",
		"ListAliases":                 "20150331",
		"ListEventSourceMappings":     "20150331",
		"ListFunctions":               "20150331",
		"ListTags":                    "20170331",
		"ListVersionsByFunction":      "20150331",
		"PublishLayerVersion":         "20181031",
		"PublishVersion":              "20150331",
		"PutFunctionConcurrency":      "20171031",
		"RemovePermission":            "20150331v2",
		"TagResource":                 "20170331v2",
		"UntagResource":               "20170331v2",
		"UpdateAlias":                 "20150331",
		"UpdateEventSourceMapping":    "20150331",
		"UpdateFunctionCode":          "20150331v2",
		"UpdateFunctionConfiguration": "20150331v2",
	}
}
