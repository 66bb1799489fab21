package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/trailhand/trailhand/internal/logs"
	"github.com/trailhand/trailhand/pkg/digest"
)

// readMetadata reads what `aws s3api head-object` printed; a file that is not
// there says nothing.
func readMetadata(path string) (map[string]string, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var head map[string]json.RawMessage
	var metadata map[string]string
	if err == nil {
		err = json.Unmarshal(raw, &head)
	}
	if err == nil {
		err = json.Unmarshal(head["Metadata"], &metadata)
	}
	if err != nil {
		return nil, fmt.Errorf("metadata %q: %w", path, err)
	}
	return metadata, nil
}

// verified is the result of `trailhand verify`, as --json prints it.
type verified struct {
	Valid    bool             `json:"valid"`
	Digests  checked          `json:"digests"`
	LogFiles checked          `json:"logFiles"`
	Chains   []*verifiedChain `json:"chains"`
	Findings []wrong          `json:"findings"` // what is wrong
}

// checked counts what digests name, and digests.
type checked struct {
	Checked int `json:"checked"`
	Valid   int `json:"valid"`
}

// verifiedChain is what was found of one chain.
type verifiedChain struct {
	AccountID string  `json:"accountId"`
	Region    string  `json:"region"`
	Trail     string  `json:"trail"`
	Backfill  bool    `json:"backfill,omitempty"`
	Digests   checked `json:"digests"`
	LogFiles  checked `json:"logFiles"`
	From      string  `json:"from,omitempty"` // of valid digests
	To        string  `json:"to,omitempty"`
	Gaps      []gap   `json:"gaps,omitempty"`
}

// gap is a time between two valid digests for which there is none.
type gap struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// wrong is one thing that is wrong.
type wrong struct {
	File   string `json:"file"`
	Digest bool   `json:"digest"`  // else a log file
	What   string `json:"verdict"` // tampered, deleted, moved, …
	Error  string `json:"error"`
}

func newVerified() *verified { return &verified{Chains: []*verifiedChain{}, Findings: []wrong{}} }

// begin adds a chain.
func (v *verified) begin(c *chain) *verifiedChain {
	told := &verifiedChain{AccountID: c.account, Region: c.region, Trail: c.trail, Backfill: c.backfill}
	v.Chains = append(v.Chains, told)
	return told
}

// cover notes the time of a valid digest.
func (c *verifiedChain) cover(d digest.Digest) {
	switch {
	case c.From == "":
		c.From = d.DigestStartTime
	case d.DigestStartTime > c.To: // times of one layout have the order of their texts
		c.Gaps = append(c.Gaps, gap{c.To, d.DigestStartTime})
	}
	c.To = max(c.To, d.DigestEndTime)
}

// tell counts one finding.
func (c *verifiedChain) tell(all *verified, name string, f digest.Finding) {
	counts, total := &c.LogFiles, &all.LogFiles
	if f.Digest {
		counts, total = &c.Digests, &all.Digests
	}
	counts.Checked++
	total.Checked++
	if f.Err == nil {
		counts.Valid++
		total.Valid++
		return
	}
	all.wrong(name, f.Digest, cmp.Or(digest.Verdict(f.Err), "unreadable"), f.Err)
}

func (v *verified) wrong(name string, isDigest bool, what string, err error) {
	v.Findings = append(v.Findings, wrong{File: name, Digest: isDigest, What: what, Error: err.Error()})
}

// print prints the result.
func (v *verified) print(w io.Writer, asJSON bool) error {
	v.Valid = len(v.Findings) == 0
	if asJSON {
		return printJSON(w, v, "  ")
	}
	for _, c := range v.Chains {
		fmt.Fprintf(w, "%s %s, trail %s: %s to %s\n", c.AccountID, c.Region, logs.Visible(c.Trail), orNothing(c.From), orNothing(c.To))
		for _, g := range c.Gaps {
			fmt.Fprintf(w, "  nothing is vouched for from %s to %s\n", g.From, g.To)
		}
	}
	for _, f := range v.Findings {
		kind := "log file"
		if f.Digest {
			kind = "digest"
		}
		fmt.Fprintf(w, "%-10s %-8s %s: %s\n", f.What, kind, logs.Visible(f.File), logs.Visible(f.Error))
	}
	_, err := fmt.Fprintf(w, "%d/%d digest files valid\n%d/%d log files valid\n",
		v.Digests.Valid, v.Digests.Checked, v.LogFiles.Valid, v.LogFiles.Checked)
	return err
}

func orNothing(t string) string {
	if t == "" {
		return "nothing"
	}
	return t
}

// err says that something is wrong.
func (v *verified) err() error {
	if v.Valid {
		return nil
	}
	n := len(v.Findings)
	if n == 1 {
		return errors.New("1 finding: it is not as it was delivered, or cannot be verified")
	}
	return fmt.Errorf("%d findings: they are not as they were delivered, or cannot be verified", n)
}
