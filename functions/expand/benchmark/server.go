package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

const method = "/apiextensions.fn.proto.v1.FunctionRunnerService/RunFunction"

// encoded hands messages over as they are, so that the client costs little beside the
// server.
type encoded struct{}

func (encoded) Marshal(v any) ([]byte, error)   { return *(v.(*[]byte)), nil }     //nolint:forcetypeassert // We call with no other.
func (encoded) Unmarshal(b []byte, v any) error { *(v.(*[]byte)) = b; return nil } //nolint:forcetypeassert // As above.
func (encoded) Name() string                    { return "proto" }

// A server is a process that is measured.
type server struct {
	process *exec.Cmd
	conn    *grpc.ClientConn
	started time.Duration // Until it took a connection.
}

// start starts a program that takes its address as its last argument.
func start(ctx context.Context, program string, args ...string) (*server, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		return nil, err
	}
	s := &server{process: exec.CommandContext(ctx, program, append(args, address)...)} //nolint:gosec // Our own programs.
	s.process.Stderr = os.Stderr
	began := time.Now()
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	deadline := began.Add(time.Minute) // On a busy machine.
	for {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err == nil {
			s.started = time.Since(began)
			_ = c.Close()
			break
		}
		if time.Now().After(deadline) {
			return nil, errors.Join(fmt.Errorf("%s does not listen: %w", program, err), s.stop())
		}
		<-time.After(time.Millisecond)
	}
	s.conn, err = grpc.NewClient("passthrough:///"+address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	return s, err
}

func (s *server) stop() error {
	if s.conn != nil {
		_ = s.conn.Close()
	}
	err := s.process.Process.Kill()
	_ = s.process.Wait() // It says that it was killed.
	return err
}

// load calls the server with so many calls at once, and returns how many there were.
func (s *server) load(ctx context.Context, payloads [][]byte, concurrent int, lasts time.Duration) (int64, error) {
	var calls atomic.Int64
	failed := make([]error, concurrent)
	until := time.Now().Add(lasts)
	var wg sync.WaitGroup
	for worker := range concurrent {
		wg.Go(func() {
			for time.Now().Before(until) && failed[worker] == nil {
				request, answer := payloads[int(calls.Add(1))%len(payloads)], []byte(nil)
				failed[worker] = s.conn.Invoke(ctx, method, &request, &answer, grpc.ForceCodec(encoded{}))
			}
		})
	}
	wg.Wait()
	return calls.Load(), errors.Join(failed...)
}

// cpu is what the server's threads have run. Go keeps its threads, so none is lost.
func (s *server) cpu() (time.Duration, error) {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", s.process.Process.Pid))
	if err != nil || len(files) == 0 {
		return 0, fmt.Errorf("cannot read the CPU of a process, which takes Linux: %w", err)
	}
	var sum time.Duration
	for _, f := range files {
		b, err := os.ReadFile(f) //nolint:gosec // The kernel's.
		if err != nil {
			return 0, err
		}
		nanoseconds, err := strconv.ParseInt(strings.Fields(string(b))[0], 10, 64)
		if err != nil {
			return 0, err
		}
		sum += time.Duration(nanoseconds)
	}
	return sum, nil
}

// peak is the most memory that was resident, in MiB.
func (s *server) peak() (float64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.process.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.ParseFloat(strings.Fields(value)[0], 64)
			return kib / 1024, err
		}
	}
	return 0, errors.New("the kernel does not tell the peak of memory")
}
