// Package demo plays three acts in an embedded AWS account: a trail that
// somebody undoes is put back, delivered log files are read, and unusual call
// rates are told. Everything between the client and the functions is the real
// thing: HTTP, signatures, records, gzip files, queues, the deployed handlers.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	trailhand "github.com/trailhand/trailhand"
	"github.com/trailhand/trailhand/internal/awsio"
	"github.com/trailhand/trailhand/internal/cloud"
	"github.com/trailhand/trailhand/internal/cloud/functions"
	"github.com/trailhand/trailhand/internal/lambdas/detector"
	"github.com/trailhand/trailhand/internal/lambdas/logparser"
	"github.com/trailhand/trailhand/internal/lambdas/reconciler"
)

const (
	accountID = "123456789012"
	region    = "us-east-1"
	stackName = "trailhand"
	trailName = "trailhand" // as in examples/desired.yaml
)

// Where the template has the functions write, in the data bucket.
const (
	outputPrefix  = "records/"
	insightPrefix = "insights/"
	desiredKey    = "desired/desired.yaml"
)

// parameters sets the template up for the demo: the reconciler repairs, and the
// trail is its to make.
func parameters() map[string]string {
	return map[string]string{
		"CreateTrail": "false", "TrailName": trailName, "Mode": "repair",
		"Desired": fmt.Sprintf("s3://%s-data-%s-%s/%s", stackName, accountID, region, desiredKey),
	}
}

// Config says what the demo writes, and where.
type Config struct {
	Report string // file of the HTML report
	Seed   uint64 // of the third act's traffic
	Out    io.Writer
	Log    *slog.Logger // of the account and the functions
	// Progress is told how much of the longest act is done, from 0 to 1. May be nil.
	Progress func(done float64)
}

// errActs says that the acts were played, and not all ended as they should.
var errActs = errors.New("not every act ended as it should")

// Run plays the demo. It leaves nothing behind but the report.
func Run(ctx context.Context, cfg Config) (err error) {
	dir, err := os.MkdirTemp("", "trailhand-demo-")
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	p, err := newPlay(ctx, cfg, dir)
	if err != nil && ctx.Err() != nil {
		return interrupted(ctx)
	}
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer func() {
		leave, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		err = errors.Join(err, p.cloud.Close(leave))
	}()
	p.title("An AWS account in this process: CloudTrail, S3, EventBridge, SQS and Lambda at %s", p.cloud.URL())
	var lines []line
	for _, act := range []func(context.Context) line{p.drift, p.delivered, p.anomaly} {
		lines = append(lines, act(ctx))
		if ctx.Err() != nil {
			return interrupted(ctx)
		}
	}
	p.closing(lines)
	return verdict(lines)
}

func interrupted(ctx context.Context) error { return fmt.Errorf("demo: interrupted: %w", ctx.Err()) }

func verdict(lines []line) error {
	for _, l := range lines {
		if l.Err != nil {
			return errActs
		}
	}
	return nil
}

// play is what the acts have in common.
type play struct {
	stage
	cfg     Config
	cloud   *cloud.Cloud
	clock   *eventClock
	witness *witness
	aws     aws.Config // of ada, who administers the account
}

func newPlay(ctx context.Context, cfg Config, dir string) (*play, error) {
	template, err := trailhand.Template()
	if err != nil {
		return nil, err
	}
	p := &play{stage: stage{cfg.Out}, cfg: cfg, clock: newEventClock(), witness: &witness{}}
	p.cloud, err = cloud.Start(ctx, cloud.Config{
		Listen: "127.0.0.1:0", Dir: dir, AccountID: accountID, Region: region, StackName: stackName,
		Template: template, Parameters: parameters(), Functions: p.functions(),
		Identities: people(), OnCall: p.witness.see, Now: time.Now, Log: cfg.Log,
	})
	if err != nil {
		return nil, err
	}
	if p.aws, err = p.client(ctx, "ada"); err != nil {
		return nil, errors.Join(err, p.cloud.Close(context.WithoutCancel(ctx)))
	}
	return p, nil
}

// functions are the deployed handlers. The detector's clock shows event time:
// the third act plays nine days in seconds.
func (p *play) functions() map[string]functions.Function {
	return map[string]functions.Function{
		"Reconciler": func(ctx context.Context, env map[string]string) (lambda.Handler, error) {
			return reconciler.New(ctx, env, time.Now, p.cfg.Log)
		},
		"Logparser": func(ctx context.Context, env map[string]string) (lambda.Handler, error) {
			return logparser.New(ctx, env, time.Now, p.cfg.Log)
		},
		"Detector": func(ctx context.Context, env map[string]string) (lambda.Handler, error) {
			return detector.New(ctx, env, p.clock.Now, p.cfg.Log)
		},
	}
}

// client is the AWS SDK's configuration of one of the people.
func (p *play) client(ctx context.Context, name string) (aws.Config, error) {
	return awsio.Load(ctx, map[string]string{
		"AWS_ENDPOINT_URL": p.cloud.URL(), "AWS_REGION": region,
		"AWS_ACCESS_KEY_ID": accessKey(name), "AWS_SECRET_ACCESS_KEY": "of-no-importance",
	})
}

// s3 is a client of ada's.
func (p *play) s3() *s3.Client {
	return s3.NewFromConfig(p.aws, func(o *s3.Options) { o.UsePathStyle = true })
}
