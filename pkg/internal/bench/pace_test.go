//go:build unix

package bench

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/otelsim/otelsim/pkg/replay"
)

// What replays are paced at, and for how long.
const (
	pace    = 5000 // records a second
	paceFor = 3 * time.Second
)

// tick waits for the instants of the pace as a replay does, sends nothing, and prints by
// how much 99 of 100 are late at most, in nanoseconds.
func tick([]string) error {
	start := time.Now()
	timer := time.NewTimer(time.Hour)
	now := time.Duration(0)
	late := make([]time.Duration, 0, pace*int(paceFor/time.Second))
	for n := range cap(late) {
		due := time.Duration(n) * time.Second / pace
		for now < due {
			timer.Reset(due - now)
			<-timer.C
			now = time.Since(start)
		}
		late = append(late, now-due)
	}
	slices.Sort(late)
	fmt.Println(late[len(late)*99/100].Nanoseconds())
	return nil
}

// paced sends a corpus at the pace, and returns what the replay says of itself.
func (p *place) paced(addr, dir string) (r replay.Report) {
	p.t.Helper()
	file := p.path("paced.json")
	p.run("otelsim-replay", "--rps", strconv.Itoa(pace), "--duration", paceFor.String(), "--quiet",
		"--report-json", file, "--endpoint", "http://"+addr, dir)
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return r
}

// paceRows hold a replay to its pace, and to what a loop that sends nothing makes of it.
func paceRows(p *place, addr, dir string) []row {
	return []row{
		{name: "replay at 5,000/s : pace, off by so many thousandths", bound: 1, measure: func() float64 {
			return 1000 * math.Abs(p.paced(addr, dir).AchievedRPS/pace-1)
		}},
		{name: "replay at 5,000/s : empty timer loop, lateness p99", bound: 2, measure: func() float64 {
			loop, err := strconv.ParseInt(strings.TrimSpace(p.mode("tick").out), 10, 64)
			if err != nil {
				p.t.Fatal(err)
			}
			return float64(p.paced(addr, dir).Lateness.P99) / float64(loop)
		}},
	}
}
