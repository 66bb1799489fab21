package selectors

import "strings"

// CoversBucket says whether the trail would log data events of objects that
// begin with prefix in an S3 bucket, and names the first selector that does.
// A trail that covers the bucket its own log files go to feeds itself: every
// file delivered, and every one read, makes further events. Only category,
// resource type and ARN are looked at: a selector for some event names covers
// the bucket too. The Set need not be valid: a trail may have selectors for
// resource types that are newer than this package.
func (s Set) CoversBucket(partition, bucket, prefix string) (selector string, covers bool) {
	objects := "arn:" + partition + ":s3:::" + bucket + "/" + prefix
	for _, sel := range compile(s).selectors {
		if sel.coversObjects(objects) {
			return sel.label, true
		}
	}
	return "", false
}

func (s *selector) coversObjects(arn string) bool {
	if len(s.resource) == 0 {
		return false
	}
	for i := range s.resource {
		c := &s.resource[i]
		if c.field == resourceType && !c.holds(s3Object) {
			return false
		}
		if c.field == resourceARN && !c.someBeginning(arn) {
			return false
		}
	}
	return true
}

// someBeginning says whether the condition holds for some text that begins
// with the given one.
func (c *condition) someBeginning(text string) bool {
	if len(c.selects) == 0 {
		return !c.excludesBeginning(text)
	}
	for _, o := range c.selects {
		if c.someSelected(o, text) {
			return true
		}
	}
	return false
}

// someSelected is someBeginning for one of the selecting operands.
func (c *condition) someSelected(o operand, text string) bool {
	switch o.operator {
	case equals:
		return strings.HasPrefix(o.value, text) && c.holds(o.value)
	case startsWith:
		longer := text
		if strings.HasPrefix(o.value, text) {
			longer = o.value
		}
		return o.holds(longer) && !c.excludesBeginning(longer)
	default:
		return !c.excludesBeginning(text) && !c.excludesEnding(o.value)
	}
}

// excludesBeginning says whether every text that begins so is excluded.
func (c *condition) excludesBeginning(text string) bool {
	for _, o := range c.excludes {
		if o.operator == startsWith && o.holds(text) {
			return true
		}
	}
	return false
}

// excludesEnding says whether every text that ends so is excluded.
func (c *condition) excludesEnding(text string) bool {
	for _, o := range c.excludes {
		if o.operator == endsWith && o.holds(text) {
			return true
		}
	}
	return false
}
