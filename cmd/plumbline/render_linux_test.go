package main

import (
	"io"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestRenderIsQuick holds that nobody waits for the largest example. It counts the time of
// the processor, and the best of some runs: on a clock a busy machine would count too.
func TestRenderIsQuick(t *testing.T) {
	most := 100 * time.Millisecond
	if raced() {
		most *= 10 // What the race detector costs, by its documentation.
	}
	c := renderCommand{File: filepath.Join(examples, "production", "claim.yaml"), Blueprint: filepath.Join(examples, "blueprint.yaml"), Output: "yaml"}
	best := time.Hour
	for range 10 {
		before := processorTime(t)
		if err := c.render(strings.NewReader(""), io.Discard, io.Discard); err != nil {
			t.Fatal(err)
		}
		best = min(best, processorTime(t)-before)
	}
	t.Logf("the largest example takes %s", best)
	if best > most {
		t.Errorf("the largest example is rendered in %s, took %s", most, best)
	}
}

func raced() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
