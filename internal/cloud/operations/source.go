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
