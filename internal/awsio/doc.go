// Package awsio is the only door to the AWS SDK: it holds an adapter for each
// interface that the core declares.
package awsio
