package transport

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
)

// An Error says that no answer came. Its text names the host and the kind of
// failure and nothing that differs between two attempts (a local port, a time),
// because it ends up in a condition, and a condition that changes makes the
// object change.
type Error struct {
	host  string
	cause error
}

// Error returns stable words.
func (e *Error) Error() string { return "no answer from " + e.host + ": " + words(e.cause) }

// Unwrap returns the error that net/http reported.
func (e *Error) Unwrap() error { return e.cause }

// Broken returns an Error for an answer that broke off while it was read.
func Broken(host string, cause error) error { return &Error{host: host, cause: cause} }

// words are tried in order; the first that fits names the failure.
func words(err error) string {
	var (
		dns      *net.DNSError
		unknown  x509.UnknownAuthorityError
		hostname x509.HostnameError
		invalid  x509.CertificateInvalidError
		timeout  net.Error
	)
	switch {
	case errors.Is(err, context.Canceled):
		return "the request was cancelled"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return "it took too long"
	case errors.As(err, &dns):
		return "the host name cannot be resolved"
	case errors.As(err, &unknown):
		return "its certificate is signed by an unknown authority; set caBundleSecretRef"
	case errors.As(err, &hostname):
		return "its certificate is for another host"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "its certificate has expired or is not yet valid"
	case errors.As(err, &invalid):
		return "its certificate is invalid"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "it took too long"
	case strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return "it speaks HTTP where HTTPS is expected"
	}
	return "the connection broke"
}
