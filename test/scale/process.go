package scale

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
)

// tick is the unit in which Linux tells CPU times: USER_HZ, the same on every
// architecture that Go runs on.
const tick = 10 * time.Millisecond

// cpuOf returns the CPU time that each program has had, from /proc.
func cpuOf(pids map[string]int) (map[string]time.Duration, error) {
	out := map[string]time.Duration{}
	for name, pid := range pids {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			return nil, errors.Wrapf(err, "cannot read CPU time of %s", name)
		}
		// The second field, the program's name, ends with the last parenthesis.
		fields := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
		const user, system = 11, 12 // Fields 14 and 15 of proc(5).
		for _, i := range []int{user, system} {
			ticks, err := strconv.Atoi(string(fields[i]))
			if err != nil {
				return nil, errors.Wrapf(err, "cannot read CPU time of %s", name)
			}
			out[name] += time.Duration(ticks) * tick
		}
	}
	return out, nil
}

// Memory is what a program holds, in kB.
type Memory struct {
	Resident int `json:"resident"`
	Peak     int `json:"peak"`
}

// memoryOf returns the resident memory of each program, from /proc.
func memoryOf(pids map[string]int) (map[string]Memory, error) {
	out := map[string]Memory{}
	for name, pid := range pids {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			return nil, errors.Wrapf(err, "cannot read memory of %s", name)
		}
		out[name] = Memory{Resident: kilobytes(string(b), "VmRSS:"), Peak: kilobytes(string(b), "VmHWM:")}
	}
	return out, nil
}

func kilobytes(status, field string) int {
	_, rest, _ := strings.Cut(status, field)
	words := strings.Fields(rest)
	if len(words) == 0 {
		return 0
	}
	n, _ := strconv.Atoi(words[0]) // Without a number there is nothing to tell.
	return n
}
