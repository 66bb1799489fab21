package conform

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
)

func selectorCases() []Case {
	return []Case{
		{Name: "basic selectors are kept", Run: basicSelectorsAreKept},
		{Name: "advanced selectors take the place of basic ones", Run: advancedReplaceBasic},
		{Name: "a selector must select a category", Run: selectorsHaveACategory, Moto: "takes any selector"},
		{Name: "insight selectors are kept", Run: insightSelectorsAreKept},
		{Name: "a trail without insight selectors says so", Run: insightsAreOff, Moto: "answers with an empty list"},
	}
}

// loggingCases are about what a trail is doing.
func loggingCases() []Case {
	return []Case{
		{Name: "a trail logs from StartLogging to StopLogging", Run: loggingIsSwitched},
		{Name: "a trail that is deleted is gone", Run: deletedTrailsAreGone, Moto: "lets a trail be deleted twice"},
	}
}

func management() []types.AdvancedEventSelector {
	return []types.AdvancedEventSelector{{Name: aws.String("all"), FieldSelectors: []types.AdvancedFieldSelector{{Field: aws.String("eventCategory"), Equals: []string{"Management"}}}}}
}

func basicSelectorsAreKept(ctx context.Context, c *Clients) error {
	in := named("conform-basic")
	return c.withTrail(ctx, in, func(made *cloudtrail.CreateTrailOutput) error {
		_, err := c.CloudTrail.PutEventSelectors(ctx, &cloudtrail.PutEventSelectorsInput{TrailName: in.Name, EventSelectors: []types.EventSelector{{
			ReadWriteType: types.ReadWriteTypeWriteOnly, IncludeManagementEvents: aws.Bool(true),
			DataResources: []types.DataResource{{Type: aws.String("AWS::S3::Object"), Values: []string{"arn:aws:s3:::conform-basic-logs/"}}},
		}}})
		if err != nil {
			return err
		}
		got, err := c.CloudTrail.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: in.Name})
		if err != nil || len(got.EventSelectors) != 1 || len(got.EventSelectors[0].DataResources) != 1 {
			return fmt.Errorf("got %+v, %w", got, err)
		}
		return errors.Join(same("the trail", aws.ToString(got.TrailARN), *made.TrailARN), same("read or write", got.EventSelectors[0].ReadWriteType, types.ReadWriteTypeWriteOnly))
	})
}

func advancedReplaceBasic(ctx context.Context, c *Clients) error {
	in := named("conform-advanced")
	return c.withTrail(ctx, in, func(*cloudtrail.CreateTrailOutput) error {
		_, basic := c.CloudTrail.PutEventSelectors(ctx, &cloudtrail.PutEventSelectorsInput{TrailName: in.Name, EventSelectors: []types.EventSelector{{ReadWriteType: types.ReadWriteTypeAll}}})
		_, advanced := c.CloudTrail.PutEventSelectors(ctx, &cloudtrail.PutEventSelectorsInput{TrailName: in.Name, AdvancedEventSelectors: management()})
		got, err := c.CloudTrail.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: in.Name})
		if err := errors.Join(basic, advanced, err); err != nil {
			return err
		}
		return errors.Join(same("basic selectors", len(got.EventSelectors), 0), same("advanced selectors", len(got.AdvancedEventSelectors), 1))
	})
}

func selectorsHaveACategory(ctx context.Context, c *Clients) error {
	in := named("conform-category")
	return c.withTrail(ctx, in, func(*cloudtrail.CreateTrailOutput) error {
		_, err := c.CloudTrail.PutEventSelectors(ctx, &cloudtrail.PutEventSelectorsInput{TrailName: in.Name, AdvancedEventSelectors: []types.AdvancedEventSelector{
			{FieldSelectors: []types.AdvancedFieldSelector{{Field: aws.String("readOnly"), Equals: []string{"true"}}}},
		}})
		return refused(err, "InvalidEventSelectorsException")
	})
}

func insightSelectorsAreKept(ctx context.Context, c *Clients) error {
	in := named("conform-insights")
	return c.withTrail(ctx, in, func(*cloudtrail.CreateTrailOutput) error {
		_, err := c.CloudTrail.PutInsightSelectors(ctx, &cloudtrail.PutInsightSelectorsInput{TrailName: in.Name, InsightSelectors: []types.InsightSelector{{InsightType: types.InsightTypeApiErrorRateInsight}}})
		if err != nil {
			return err
		}
		got, err := c.CloudTrail.GetInsightSelectors(ctx, &cloudtrail.GetInsightSelectorsInput{TrailName: in.Name})
		if err != nil || len(got.InsightSelectors) != 1 {
			return fmt.Errorf("got %+v, %w", got, err)
		}
		return same("the type", got.InsightSelectors[0].InsightType, types.InsightTypeApiErrorRateInsight)
	})
}

func insightsAreOff(ctx context.Context, c *Clients) error {
	in := named("conform-no-insights")
	return c.withTrail(ctx, in, func(*cloudtrail.CreateTrailOutput) error {
		_, err := c.CloudTrail.GetInsightSelectors(ctx, &cloudtrail.GetInsightSelectorsInput{TrailName: in.Name})
		return refused(err, "InsightNotEnabledException")
	})
}

func loggingIsSwitched(ctx context.Context, c *Clients) error {
	in := named("conform-logging")
	status := func() *cloudtrail.GetTrailStatusOutput {
		out, err := c.CloudTrail.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: in.Name})
		if err != nil {
			return &cloudtrail.GetTrailStatusOutput{}
		}
		return out
	}
	return c.withTrail(ctx, in, func(*cloudtrail.CreateTrailOutput) error {
		fresh := status()
		_, start := c.CloudTrail.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: in.Name})
		on := status()
		_, stop := c.CloudTrail.StopLogging(ctx, &cloudtrail.StopLoggingInput{Name: in.Name})
		off := status()
		return errors.Join(start, stop, same("logging of a new trail", aws.ToBool(fresh.IsLogging), false), same("a new trail was started", fresh.StartLoggingTime != nil, false),
			same("logging", aws.ToBool(on.IsLogging), true), same("the start is known", on.StartLoggingTime != nil, true),
			same("logging after the stop", aws.ToBool(off.IsLogging), false), same("the stop is known", off.StopLoggingTime != nil, true))
	})
}

func deletedTrailsAreGone(ctx context.Context, c *Clients) error {
	in := named("conform-gone")
	if err := c.withTrail(ctx, in, func(*cloudtrail.CreateTrailOutput) error { return nil }); err != nil {
		return err
	}
	_, err := c.CloudTrail.DeleteTrail(ctx, &cloudtrail.DeleteTrailInput{Name: in.Name})
	return refused(err, "TrailNotFoundException")
}
