// Package graph is a client for the few calls of Microsoft Graph that managing a
// group takes.
//
// It retries once and only briefly; what needs more patience is the reconciler's
// to come back for, and Error.RetryAfter says when. Its errors hold neither
// bodies nor secrets nor request ids.
package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"github.com/plumbline-dev/plumbline/provider/internal/clients/transport"
	"github.com/plumbline-dev/plumbline/provider/internal/observe"
)

const (
	// Versions of the API. Members and owners are read from beta, because the
	// lists of v1.0 leave out service principals.
	v1   = "/v1.0"
	beta = "/beta"

	// maxPages bounds a list: 200 pages of 999 are four times the number of
	// members that Entra ID allows to be managed by an application in one group.
	maxPages = 200
	pageSize = "999"
)

// A Config says how to reach one tenant.
type Config struct {
	TenantID string
	ClientID string

	// Endpoint of Microsoft Graph and AuthorityHost of the sign-in service.
	Endpoint      string
	AuthorityHost string
	CABundle      []byte

	// ClientSecret to sign in with. If it is empty, the provider signs in with
	// the service account token that Kubernetes projects into its container.
	ClientSecret string

	// Mark is what the description of each group holds that may be asked for: a sweep that
	// remembers nothing yet reads those groups before anybody asks. Without it, it reads none.
	Mark string

	// Sweeps of what was read; see package observe.
	Sweeps observe.Sweeps
}

// A Client of one tenant. It may be used by many goroutines.
type Client struct {
	endpoint string
	mark     string
	pipeline runtime.Pipeline
	known    *known
	observer *observe.Observer
	memory   *observe.View[kept]

	// Of the one sweep that is under way.
	feeds []*feed
	anew  bool // A feed began anew.
}

// New returns a client. It does not connect.
func New(c Config) (*Client, error) {
	rt, err := transport.New(c.CABundle)
	if err != nil {
		return nil, fmt.Errorf("cannot trust the tenant's services: %w", err)
	}
	options := policy.ClientOptions{
		Transport: doer{rt},
		Telemetry: policy.TelemetryOptions{ApplicationID: "provider-plumbline"},
		// One retry covers a connection that went stale. Whatever asks for more
		// than a moment is left to the reconciler, which does not hold up others.
		Retry: policy.RetryOptions{MaxRetries: 1, RetryDelay: 200 * time.Millisecond, MaxRetryDelay: 2 * time.Second},
	}
	credential, err := signIn(c, options)
	if err != nil {
		return nil, err
	}
	endpoint := strings.TrimSuffix(c.Endpoint, "/")
	o := observe.New(strings.TrimPrefix(endpoint, "https://")+"/"+c.TenantID, c.Sweeps)
	options.Transport = doer{o.Counting(rt)}
	pipeline := runtime.NewPipeline("provider-plumbline", "v1", runtime.PipelineOptions{
		PerRetry: []policy.Policy{runtime.NewBearerTokenPolicy(credential, []string{endpoint + "/.default"}, nil)},
	}, &options)
	client := &Client{endpoint: endpoint, mark: c.Mark, pipeline: pipeline, known: newKnown(time.Now), observer: o, feeds: feeds()}
	client.memory = client.newMemory(o)
	return client, nil
}

// A doer is a transport as azcore wants it.
type doer struct{ http.RoundTripper }

func (d doer) Do(r *http.Request) (*http.Response, error) { return d.RoundTrip(r) }

// A call is one request. Only method and url must be set.
type call struct {
	method string
	url    string
	header map[string]string
	in     any // Sent as JSON.
	out    any // Decoded from JSON, if the answer has a body.
}

// do performs a call.
func (c *Client) do(ctx context.Context, k call) error {
	if err := c.observer.Paused(); err != nil {
		return err
	}
	if k.method != http.MethodGet {
		defer c.observer.Wrote(ctx)
	}
	req, err := runtime.NewRequest(ctx, k.method, k.url)
	if err != nil {
		return fmt.Errorf("cannot make request: %w", err)
	}
	req.Raw().Header.Set("Accept", "application/json")
	for name, value := range k.header {
		req.Raw().Header.Set(name, value)
	}
	if k.in != nil {
		if err := runtime.MarshalAsJSON(req, k.in); err != nil {
			return fmt.Errorf("cannot encode request: %w", err)
		}
	}
	rsp, err := c.pipeline.Do(req)
	if err != nil {
		return err
	}
	defer rsp.Body.Close() //nolint:errcheck // Nothing is lost when closing a body that has been read.

	if rsp.StatusCode >= http.StatusMultipleChoices {
		err := decodeError(rsp, time.Now())
		c.observer.Throttled(err)
		return err
	}
	return decode(rsp, k.out)
}

func decode(rsp *http.Response, out any) error {
	if out == nil || rsp.StatusCode == http.StatusNoContent {
		return nil
	}
	if err := json.NewDecoder(http.MaxBytesReader(nil, rsp.Body, maxAnswer)).Decode(out); err != nil {
		return fmt.Errorf("the answer of %s is not the JSON that Microsoft Graph documents", rsp.Request.URL.Host)
	}
	return nil
}

// list follows a list to its end.
func list[T any](ctx context.Context, c *Client, first string, header map[string]string) ([]T, error) {
	var all []T
	for next, pages := first, 0; next != ""; pages++ {
		if pages == maxPages {
			return nil, fmt.Errorf("a list of more than %d pages is refused", maxPages)
		}
		if err := c.sameHost(next); err != nil {
			return nil, err
		}
		var page struct {
			Value []T    `json:"value"`
			Next  string `json:"@odata.nextLink"`
		}
		if err := c.do(ctx, call{method: http.MethodGet, url: next, header: header, out: &page}); err != nil {
			return nil, err
		}
		all, next = append(all, page.Value...), page.Next
	}
	return all, nil
}

// sameHost keeps an answer from leading the token elsewhere.
func (c *Client) sameHost(link string) error {
	if strings.HasPrefix(link, c.endpoint+"/") {
		return nil
	}
	return fmt.Errorf("a link to the next page leads away from %s", c.endpoint)
}

// at returns a URL. Segments are escaped; query is pairs of name and value.
func (c *Client) at(version, path string, query ...string) string {
	values := url.Values{}
	for i := 0; i+1 < len(query); i += 2 {
		values.Set(query[i], query[i+1])
	}
	u := c.endpoint + version + path
	if len(values) > 0 {
		u += "?" + strings.ReplaceAll(values.Encode(), "+", "%20")
	}
	return u
}

// quoted returns s as a string literal of OData, escaped for a URL path.
func quoted(s string) string { return "'" + url.PathEscape(strings.ReplaceAll(s, "'", "''")) + "'" }

// literal returns s as a string literal of OData for a query.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
