package transport

import (
	"context"
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	cases := map[string]struct {
		reason string
		header string
		want   time.Duration
	}{
		"Seconds":  {"A number is a number of seconds.", "7", 7 * time.Second},
		"Date":     {"A date is a point in time.", now.Add(90 * time.Second).Format(http.TimeFormat), 90 * time.Second},
		"Past":     {"A date in the past asks for no wait.", now.Add(-time.Hour).Format(http.TimeFormat), 0},
		"Absent":   {"No header asks for no wait.", "", 0},
		"Negative": {"A negative number is no number of seconds.", "-3", 0},
		"Huge":     {"A number beyond any sense does not overflow into a negative wait.", "99999999999999999999", 0},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := RetryAfter(http.Header{"Retry-After": {tc.header}}, now)
			skewed := RetryAfter(http.Header{"Retry-After": {tc.header}, "Date": {now.Format(http.TimeFormat)}}, now.Add(3*time.Hour))
			if diff := cmp.Diff(tc.want, skewed); diff != "" {
				t.Errorf("\n%s It is by the clock of who answers.\nRetryAfter(...): -want, +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("\n%s\nRetryAfter(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestTrust(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	bundle := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})

	cases := map[string]struct {
		reason string
		bundle []byte
		want   string
	}{
		"Bundle": {"A server signed by the bundle is trusted.", bundle, ""},
		"System": {"A server that the system does not know is not trusted, and the remedy is named.", nil,
			"its certificate is signed by an unknown authority; set caBundleSecretRef"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			tr, err := New(tc.bundle)
			if err != nil {
				t.Fatal(err)
			}
			rsp, err := get(t.Context(), tr, server.URL)
			got := ""
			if err != nil {
				got = err.Error()[strings.LastIndex(err.Error(), ": ")+2:]
			} else {
				_ = rsp.Body.Close()
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("\n%s\nRoundTrip(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}

	if _, err := New([]byte("no certificate")); err == nil {
		t.Error("\nA bundle without a certificate is a mistake, not an empty pool.\nNew(...): want error")
	}
}

// TestWordsAreStable breaks connections in several ways, twice each: the words
// must not differ, and must hold no port but the server's.
func TestWordsAreStable(t *testing.T) {
	hangUp := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, _ := w.(http.Hijacker).Hijack()
		_ = conn.Close()
	}))
	defer hangUp.Close()
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer slow.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // It returns at once.
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()

	cases := map[string]struct {
		reason string
		url    string
		want   string
	}{
		"HangUp":  {"A connection that breaks says so without its local port.", hangUp.URL, "the connection broke"},
		"Slow":    {"A deadline that passes says so without a time.", slow.URL, "it took too long"},
		"Refused": {"A closed port says so.", "http://" + closed.Addr().String(), "connection refused"},
		"NotTLS":  {"HTTP where HTTPS is expected says so.", strings.Replace(hangUp.URL, "http:", "https:", 1), "the connection broke"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			want := "no answer from " + tc.url[strings.Index(tc.url, "//")+2:] + ": " + tc.want
			for range 2 {
				tr, err := New(nil)
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
				_, err = get(ctx, tr, tc.url) //nolint:bodyclose // There is none.
				cancel()
				if err == nil {
					t.Fatalf("\n%s\nRoundTrip(...): want error", tc.reason)
				}
				if diff := cmp.Diff(want, err.Error()); diff != "" {
					t.Errorf("\n%s\nRoundTrip(...): -want, +got:\n%s", tc.reason, diff)
				}
			}
		})
	}
}

func get(ctx context.Context, tr http.RoundTripper, url string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	return tr.RoundTrip(req)
}
