// Package transport holds what every client of a backend needs of HTTP: whom to
// trust, how long a server asked us to wait, and words for a broken connection
// that stay the same from one attempt to the next.
package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxConnections bounds what one provider opens to one backend, so that a
// restart of a thousand resources does not arrive as a thousand connections.
const maxConnections = 32

// New returns a transport that trusts the PEM certificates of caBundle, or the
// system's authorities if it is empty. Its errors are of type Error.
func New(caBundle []byte) (http.RoundTripper, error) {
	t := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: 30 * time.Second,
		IdleConnTimeout:       90 * time.Second,
		MaxIdleConnsPerHost:   maxConnections,
		MaxConnsPerHost:       maxConnections,
		ForceAttemptHTTP2:     true,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
	}
	if len(caBundle) == 0 {
		return stable{t}, nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(caBundle) {
		return nil, errors.New("the CA bundle holds no PEM certificate")
	}
	t.TLSClientConfig.RootCAs = pool
	return stable{t}, nil
}

// stable gives the errors of a transport stable words.
type stable struct{ next http.RoundTripper }

func (s stable) RoundTrip(r *http.Request) (*http.Response, error) {
	rsp, err := s.next.RoundTrip(r)
	if err != nil {
		return nil, &Error{host: r.URL.Host, cause: err}
	}
	return rsp, nil
}

// RetryAfter returns how long the headers ask the caller to wait, and 0 if they
// do not. A date is by the clock of who answers, which they tell too.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if s, err := strconv.ParseUint(v, 10, 31); err == nil {
		return time.Duration(s) * time.Second
	}
	if at, err := http.ParseTime(v); err == nil {
		if theirs, err := http.ParseTime(h.Get("Date")); err == nil {
			now = theirs
		}
		return max(0, at.Sub(now))
	}
	return 0
}
