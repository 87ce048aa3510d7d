package dns

import (
	"context"
	"errors"
	"net"
	"os"
	"syscall"

	"github.com/miekg/dns"
)

// An Error says that a server did not tell. Its text holds nothing that differs between
// two attempts, such as a local port, because it ends up in a condition.
type Error struct {
	Server string
	Name   string
	cause  error
}

// Error returns stable words.
func (e *Error) Error() string {
	var code refusal
	if errors.As(e.cause, &code) {
		return "DNS server " + host(e.Server) + " answers " + code.Error() + " for " + e.Name
	}
	return "DNS server " + host(e.Server) + " does not answer for " + e.Name + ": " + words(e.cause)
}

// Unwrap returns what went wrong.
func (e *Error) Unwrap() error { return e.cause }

// A refusal is the code of an answer that tells nothing of the name.
type refusal int

// Error returns the name of the code, such as SERVFAIL.
func (r refusal) Error() string { return dns.RcodeToString[int(r)] }

// words are tried in order; the first that fits names the failure.
func words(err error) string {
	var (
		unknown *net.DNSError
		timeout net.Error
	)
	switch {
	case errors.Is(err, context.Canceled):
		return "the question was cancelled"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.As(err, &unknown):
		return "its own name cannot be resolved"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "it took too long"
	}
	return "its answer cannot be read"
}
