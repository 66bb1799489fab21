package genlogs

// call is one API call of the mix. request and response have %s for each of
// ids identifiers, in that order; resource has one.
type call struct {
	source, name, category, host string
	readOnly                     bool
	ids                          int
	request, response, resource  string
}

// calls is the mix: reads and writes, management and data events, flat and
// nested parameters.
func calls() []call {
	return []call{
		{
			source: "s3.amazonaws.com", name: "GetObject", category: "Data", host: "example-data.s3.eu-west-1.amazonaws.com", readOnly: true, ids: 1,
			request:  `{"bucketName":"example-data","Host":"example-data.s3.eu-west-1.amazonaws.com","key":"landing/events/2025/06/15/part-%s.snappy.parquet","x-id":"GetObject"}`,
			response: `null`,
			resource: `{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::example-data/landing/events/2025/06/15/part-%s.snappy.parquet"},{"accountId":"111122223333","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::example-data"}`,
		},
		{
			source: "kms.amazonaws.com", name: "Decrypt", category: "Management", host: "kms.eu-west-1.amazonaws.com", readOnly: true, ids: 2,
			request:  `{"encryptionContext":{"aws:s3:arn":"arn:aws:s3:::example-data/landing/%s","purpose":"storage"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT","keyId":"arn:aws:kms:eu-west-1:111122223333:key/%s"}`,
			response: `null`,
			resource: `{"accountId":"111122223333","type":"AWS::KMS::Key","ARN":"arn:aws:kms:eu-west-1:111122223333:key/%s"}`,
		},
		{
			source: "ec2.amazonaws.com", name: "RunInstances", category: "Management", host: "ec2.eu-west-1.amazonaws.com", ids: 5,
			request: `{"instancesSet":{"items":[{"imageId":"ami-%s","minCount":1,"maxCount":1,"keyName":"ops"}]},"instanceType":"m7g.large","blockDeviceMapping":{"items":[{"deviceName":"/dev/xvda","ebs":{"volumeSize":64,"deleteOnTermination":true,"volumeType":"gp3","encrypted":true}}]},"monitoring":{"enabled":false},"disableApiTermination":false,"clientToken":"%s","tagSpecificationSet":{"items":[{"resourceType":"instance","tags":[{"key":"Name","value":"worker"},{"key":"team","value":"data \u003cplatform\u003e"}]}]}}`,
			response: `{"requestId":"%s","reservationId":"r-%s","ownerId":"111122223333","groupSet":{},"instancesSet":{"items":[{"instanceId":"i-%s","currentState":{"code":0,"name":"pending"},"amiLaunchIndex":0,"placement":{"availabilityZone":"eu-west-1a","tenancy":"default"},` +
				`"architecture":"arm64","rootDeviceType":"ebs","rootDeviceName":"/dev/xvda","virtualizationType":"hvm","hypervisor":"xen","ebsOptimized":true,"enaSupport":true,"metadataOptions":{"state":"pending","httpTokens":"required","httpPutResponseHopLimit":2,"httpEndpoint":"enabled"},"launchTime":1749945600000}]}}`,
		},
		{
			source: "dynamodb.amazonaws.com", name: "UpdateItem", category: "Data", host: "dynamodb.eu-west-1.amazonaws.com", ids: 2,
			request:  `{"tableName":"orders","key":{"id":{"S":"%s"},"range":{"S":"%s"}},"conditionExpression":"attribute_not_exists(#a) OR #a \u003c :b","returnValues":"NONE","expressionAttributeNames":{"#a":"revision"}}`,
			response: `null`,
			resource: `{"accountId":"111122223333","type":"AWS::DynamoDB::Table","ARN":"arn:aws:dynamodb:eu-west-1:111122223333:table/orders-%s"}`,
		},
		{
			source: "sts.amazonaws.com", name: "AssumeRole", category: "Management", host: "sts.eu-west-1.amazonaws.com", readOnly: true, ids: 4,
			request:  `{"roleArn":"arn:aws:iam::111122223333:role/service-reader","roleSessionName":"session-%s","durationSeconds":3600}`,
			response: `{"credentials":{"accessKeyId":"ASIA%s","sessionToken":"masked","expiration":"Jun 15, 2025, 1:04:11 AM"},"assumedRoleUser":{"assumedRoleId":"AROA%s:session","arn":"arn:aws:sts::111122223333:assumed-role/service-reader/%s"}}`,
			resource: `{"accountId":"111122223333","type":"AWS::IAM::Role","ARN":"arn:aws:iam::111122223333:role/service-%s"}`,
		},
		{
			source: "logs.amazonaws.com", name: "CreateLogStream", category: "Management", host: "logs.eu-west-1.amazonaws.com", ids: 1,
			request:  `{"logGroupName":"/aws/lambda/transform","logStreamName":"2025/06/15/[$LATEST]%s"}`,
			response: `null,"apiVersion":"20140328"`,
		},
	}
}
