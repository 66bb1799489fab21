package sim

import (
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// truth is the file beside generated log files.
type truth struct {
	Scenario  string         `json:"scenario"`
	Seed      uint64         `json:"seed"`
	AccountID string         `json:"accountId"`
	Region    string         `json:"awsRegion"`
	Start     time.Time      `json:"start"`
	Days      int            `json:"days"`
	Learn     int            `json:"learn"` // days that are not scored
	Rates     int            `json:"rates"`
	Anomalies []truthAnomaly `json:"anomalies"`
}

type truthAnomaly struct {
	Injected
	FromTime time.Time `json:"fromTime"`
	ToTime   time.Time `json:"toTime"`
}

// WriteTruth writes what is wrong in the traffic into a JSON file.
func (g *Generated) WriteTruth(path string) error {
	t := truth{g.Name, g.Seed, g.AccountID, g.Region, g.Start, g.Days, g.Learn, g.Keys(), []truthAnomaly{}}
	for _, in := range g.Truth {
		t.Anomalies = append(t.Anomalies, truthAnomaly{in, g.at(in.From), g.at(in.To)})
	}
	text, err := json.MarshalIndent(t, "", "  ")
	if err == nil {
		err = os.WriteFile(path, append(text, '\n'), 0o644)
	}
	if err != nil {
		return fmt.Errorf("writing the truth: %w", err)
	}
	return nil
}
