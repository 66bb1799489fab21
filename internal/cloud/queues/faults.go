package queues

import (
	"errors"
	"fmt"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// The exceptions of SQS that are used here, by their names in AWS JSON.
const (
	codeNoQueue               = "QueueDoesNotExist"
	codeNameExists            = "QueueNameExists"
	codeInvalidHandle         = "ReceiptHandleIsInvalid"
	codeNotInFlight           = "MessageNotInflight"
	codeInvalidContents       = "InvalidMessageContents"
	codeInvalidAttributeName  = "InvalidAttributeName"
	codeInvalidAttributeValue = "InvalidAttributeValue"
	codeInvalidValue          = "InvalidParameterValueException"
	codeMissing               = "MissingRequiredParameterException"
	codeEmptyBatch            = "EmptyBatchRequest"
	codeTooManyEntries        = "TooManyEntriesInBatchRequest"
	codeIDsNotDistinct        = "BatchEntryIdsNotDistinct"
	codeInvalidEntryID        = "InvalidBatchEntryId"
	codeBatchTooLong          = "BatchRequestTooLong"
	codeOverLimit             = "OverLimit"
)

// fault makes an exception of SQS. It also has the code of the older query
// protocol, which boto3 and the aws cli show to this day.
func fault(code, format string, args ...any) *wire.Fault {
	return &wire.Fault{Code: code, Message: fmt.Sprintf(format, args...), QueryCode: queryCode(code)}
}

func queryCode(code string) string {
	switch code {
	case codeNoQueue:
		return "AWS.SimpleQueueService.NonExistentQueue"
	case codeNameExists:
		return "QueueAlreadyExists"
	case codeInvalidValue:
		return "InvalidParameterValue"
	case codeMissing:
		return "MissingParameter"
	case codeInvalidAttributeName, codeInvalidAttributeValue, codeInvalidContents, codeInvalidHandle, codeOverLimit:
		return code
	}
	return "AWS.SimpleQueueService." + code
}

// entryFault is an exception as it stands in the answer of a batch.
func entryFault(err error) (code, message string) {
	var f *wire.Fault
	if !errors.As(err, &f) {
		return "InternalError", err.Error()
	}
	return f.QueryCode, f.Message
}
