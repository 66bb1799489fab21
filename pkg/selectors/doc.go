// Package selectors decides which events a trail logs.
package selectors
