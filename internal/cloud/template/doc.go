// Package template reads an AWS SAM template and says what it connects:
// functions, rules, queues, schedules and bucket notifications. The embedded
// cloud sets itself up from it, so that what runs locally is what is deployed.
//
// It evaluates Ref, Fn::Sub, Fn::GetAtt, Fn::If, Fn::Join, Fn::Select,
// Fn::Split and conditions in the properties that wiring needs, merges Globals,
// and refuses what it cannot know locally (Fn::ImportValue, Fn::Transform).
// Names of the template's resources become local names.
//
// Sources: AWS SAM specification 2016-10-31; AWS CloudFormation User Guide,
// "Intrinsic function reference".
package template
