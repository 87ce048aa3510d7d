// Program engine starts a real node of a search engine and runs a command with it,
// whose tests then drive the node where they would drive the stand-in:
//
//	engine elasticsearch go test ./provider/internal/controller/index
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/plumbline-dev/plumbline/test/engine"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: engine elasticsearch|opensearch COMMAND [ARGUMENT]...")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1], os.Args[2:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, name string, command []string) error {
	if err := engine.Missing(); err != nil && os.Getenv("CI") != "true" {
		fmt.Printf("the tests with the real engine %s did not run: %v\n", name, err)
		return nil
	}
	node, err := engine.Start(ctx, ".", name)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, command[0], command[1:]...) //nolint:gosec // It is what the caller wants to run.
	cmd.Env = append(os.Environ(), node.Environ(name)...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return errors.Join(cmd.Run(), node.Stop())
}
