package main

// localHelp is what `trailhand local --help` says.
const localHelp = `Local serves CloudTrail, S3, EventBridge, SQS and STS on one port, and runs the
three functions of template.yaml on what happens. Clients find it by the variable
that every AWS SDK and the aws cli read:

  export AWS_ENDPOINT_URL=http://127.0.0.1:4566

(Version 1 of the aws cli does not for sqs: give it --endpoint-url there.)

Every call becomes a CloudTrail record. Trails select, deliver and sign log files,
write events go to the default event bus, and what was made is still there after a
restart with the same --data. Any access key is taken, unless --credentials says
which ones there are; the Region is the client's.

The reconciler keeps the trails of --desired as they are meant to be. Each drift that
it finds, and each repair, is a line on stderr.

Each Region has a default event bus of its own. An event is heard on the bus of the
Region in which it is recorded, also where the trail is at home in another: put a
rule where the calls are made, or let it forward to the bus of another Region. The
events of global services such as IAM are recorded in us-east-1.

With --upstream, requests for every other service are passed on to an emulator of
yours, such as moto or LocalStack, and recorded: it has a CloudTrail then. What
trails send to SNS topics and CloudWatch Logs groups goes there too, and the topic,
KMS key, log group and role that a trail names must be there, with the policies
that CloudTrail needs. Without --upstream any names are taken, and what would be
sent is appended to the folder outbox/ of --data.

A trail with insight selectors is observed for --insight-warmup before it has its
first Insight event: 36h as at AWS; 1h lets recorded calls be tried out.

--identities names a file that says who is behind which access key:
` + identitiesExample + `
--organization names a file with the accounts that belong together:
` + organizationExample + `
The exit code is 0 if it was interrupted and all was kept and delivered, 1 if it could
not serve, keep or deliver, and 2 if the command line is wrong.

It listens on loopback. Do not expose it to a network: it lets everybody do everything.`

const identitiesExample = `
  {"AKIAIOSFODNN7EXAMPLE": {"userName": "alice", "accountId": "111122223333"},
   "ASIAIOSFODNN7EXAMPLE": {"arn": "arn:aws:sts::111122223333:assumed-role/Auditor/nightly"}}
`

const organizationExample = `
  {"id": "o-exampleorgid", "managementAccount": "111122223333",
   "delegatedAdministrators": ["222233334444"], "members": ["333344445555"]}
`
