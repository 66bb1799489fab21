package trails

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// Status is what has become of a trail's logging.
type Status struct {
	IsLogging bool
	Started   time.Time // most recently; zero: never
	Stopped   time.Time

	Delivery     Attempts // log files to S3
	Notification Attempts // to SNS
	Digest       Attempts // digest files to S3
	LogGroup     Attempts // to CloudWatch Logs
}

// Attempts is the outcome of deliveries of one kind.
type Attempts struct {
	Tried     time.Time // the latest, whatever came of it; zero: never
	Succeeded time.Time // the latest that did
	Error     string    // of the latest, if it failed
}

func (a *Attempts) note(at time.Time, err error) {
	a.Tried = at
	if err != nil {
		a.Error = errorCode(err)
		return
	}
	a.Succeeded, a.Error = at, ""
}

// errorCode gives the code by which a service names an error, such as
// NoSuchBucket, or else the error's text.
func errorCode(err error) string {
	var f *wire.Fault
	if errors.As(err, &f) {
		return f.Code
	}
	var coded interface{ ErrorCode() string }
	if errors.As(err, &coded) {
		return coded.ErrorCode()
	}
	return err.Error()
}

// Delivered notes an attempt to deliver a log file to S3.
func (ts *Trails) Delivered(arn string, at time.Time, err error) {
	ts.note(arn, func(s *Status) { s.Delivery.note(at, err) })
}

// Notified notes an attempt to tell SNS of a log file.
func (ts *Trails) Notified(arn string, at time.Time, err error) {
	ts.note(arn, func(s *Status) { s.Notification.note(at, err) })
}

// Digested notes an attempt to deliver a digest file to S3.
func (ts *Trails) Digested(arn string, at time.Time, err error) {
	ts.note(arn, func(s *Status) { s.Digest.note(at, err) })
}

// SentToLogGroup notes an attempt to send events to CloudWatch Logs.
func (ts *Trails) SentToLogGroup(arn string, at time.Time, err error) {
	ts.note(arn, func(s *Status) { s.LogGroup.note(at, err) })
}

// note changes the status of a trail; one that is deleted by now has none.
func (ts *Trails) note(arn string, change func(*Status)) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if e, ok := ts.trails[arn]; ok {
		change(&e.status)
	}
}

// Status gives the status of the trail with the given ARN.
func (ts *Trails) Status(arn string) (Status, bool) {
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	if e, ok := ts.trails[arn]; ok {
		return e.status, true
	}
	return Status{}, false
}

func (ts *Trails) startLogging(_ context.Context, c wire.Caller, in *cloudtrail.StartLoggingInput) (*cloudtrail.StartLoggingOutput, error) {
	return nil, ts.setLogging(c, value(in.Name), true)
}

func (ts *Trails) stopLogging(_ context.Context, c wire.Caller, in *cloudtrail.StopLoggingInput) (*cloudtrail.StopLoggingOutput, error) {
	return nil, ts.setLogging(c, value(in.Name), false)
}

// setLogging starts or stops a trail; what is so already stays as it is.
func (ts *Trails) setLogging(c wire.Caller, reference string, on bool) error {
	ts.changing.Lock()
	defer ts.changing.Unlock()
	t, err := ts.findAtHome(c, reference)
	if err != nil {
		return err
	}
	ts.note(t.ARN, func(s *Status) {
		switch {
		case s.IsLogging == on:
		case on:
			s.IsLogging, s.Started = true, ts.cfg.Now()
		default:
			s.IsLogging, s.Stopped = false, ts.cfg.Now()
		}
	})
	return nil
}

func (ts *Trails) getTrailStatus(_ context.Context, c wire.Caller, in *cloudtrail.GetTrailStatusInput) (*cloudtrail.GetTrailStatusOutput, error) {
	t, err := ts.find(c, value(in.Name))
	if err != nil {
		return nil, err
	}
	s, ok := ts.Status(t.ARN)
	if !ok {
		return nil, notFound(*in.Name, ts.account(c))
	}
	return &cloudtrail.GetTrailStatusOutput{
		IsLogging:                          &s.IsLogging,
		StartLoggingTime:                   instant(s.Started),
		StopLoggingTime:                    instant(s.Stopped),
		TimeLoggingStarted:                 text(s.Started),
		TimeLoggingStopped:                 text(s.Stopped),
		LatestDeliveryTime:                 instant(s.Delivery.Succeeded),
		LatestDeliveryError:                given(s.Delivery.Error),
		LatestDeliveryAttemptTime:          text(s.Delivery.Tried),
		LatestDeliveryAttemptSucceeded:     text(s.Delivery.Succeeded),
		LatestNotificationTime:             instant(s.Notification.Succeeded),
		LatestNotificationError:            given(s.Notification.Error),
		LatestNotificationAttemptTime:      text(s.Notification.Tried),
		LatestNotificationAttemptSucceeded: text(s.Notification.Succeeded),
		LatestDigestDeliveryTime:           instant(s.Digest.Succeeded),
		LatestDigestDeliveryError:          given(s.Digest.Error),
		LatestCloudWatchLogsDeliveryTime:   instant(s.LogGroup.Succeeded),
		LatestCloudWatchLogsDeliveryError:  given(s.LogGroup.Error),
	}, nil
}

// instant gives a time, or nil if it never was.
func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// text gives a time as the older fields of GetTrailStatus have it: empty if it never was.
func text(t time.Time) *string {
	s := ""
	if !t.IsZero() {
		s = t.UTC().Format(time.RFC3339)
	}
	return &s
}
