// Package elasticsearch is a client for the few calls that managing indices, and
// who may use them, takes. It speaks the compatible media type of version 8, which versions 8 and
// 9 both accept, and leaves settings and mappings as the JSON they are, because
// what a typed model does not know it would lose.
//
// The client never retries: the reconciler is the loop. It reads bounded
// amounts, and its errors hold neither bodies nor secrets.
package elasticsearch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/elastic/elastic-transport-go/v8/elastictransport"

	"github.com/plumbline-dev/plumbline/provider/internal/clients/transport"
	"github.com/plumbline-dev/plumbline/provider/internal/observe"
)

const (
	// mediaType on Accept and Content-Type; version 8 answers 400 to any other
	// version but 7 and 8, and both headers have to agree.
	mediaType = "application/vnd.elasticsearch+json;compatible-with=8"

	// maxAnswer bounds an answer. An index with ten times the default limit of
	// 1,000 fields stays below 2 MiB.
	maxAnswer = 16 << 20
	maxError  = 64 << 10

	// Elasticsearch tells with every answer that it is the one that answers.
	productHeader = "X-Elastic-Product"
	productName   = "Elasticsearch"
)

// A Config says how to reach one cluster.
type Config struct {
	Endpoint string
	CABundle []byte

	// APIKey, encoded as the create API key API returns it. Otherwise Username
	// and Password are used.
	APIKey   string
	Username string
	Password string

	// Sweeps of what was read; see package observe.
	Sweeps observe.Sweeps
}

// A Client of one cluster. It may be used by many goroutines.
type Client struct {
	transport elastictransport.Interface
	host      string
	observer  *observe.Observer
	memory    memory
	clock     clock
}

// New returns a client. It does not connect.
func New(c Config) (*Client, error) {
	u, err := url.Parse(c.Endpoint)
	if err != nil {
		return nil, errors.New("cannot parse endpoint: not a URL")
	}
	rt, err := transport.New(c.CABundle)
	if err != nil {
		return nil, fmt.Errorf("cannot trust the cluster: %w", err)
	}
	credentials := elastictransport.WithBasicAuth(c.Username, c.Password)
	if c.APIKey != "" {
		credentials = elastictransport.WithAPIKey(c.APIKey)
	}
	o := observe.New(u.Host, c.Sweeps)
	t, err := elastictransport.NewClient(
		elastictransport.WithURLs(u),
		credentials,
		elastictransport.WithTransport(o.Counting(rt)),
		elastictransport.WithDisableRetry(),
		elastictransport.WithUserAgent("provider-plumbline"),
	)
	if err != nil {
		return nil, fmt.Errorf("cannot make a client: %w", err)
	}
	client := &Client{transport: t, host: u.Host, observer: o}
	client.memory = client.newMemory(o)
	return client, nil
}

// Sweep brings what is remembered of the cluster up to date, as far as that is due.
func (c *Client) Sweep(ctx context.Context) { c.observer.Sweep(ctx) }

// do sends in, if any, as JSON and decodes the answer into out, if any.
func (c *Client) do(ctx context.Context, method, path string, query url.Values, in, out any) error {
	rsp, err := c.send(ctx, call{method: method, path: path, query: query, in: in})
	if err != nil {
		return err
	}
	defer rsp.Body.Close() //nolint:errcheck // Nothing is lost when closing a body that has been read.

	body, err := io.ReadAll(io.LimitReader(rsp.Body, maxAnswer+1))
	if err != nil {
		return transport.Broken(c.host, err)
	}
	if len(body) > maxAnswer {
		return fmt.Errorf("the answer of %s is longer than %d MiB", c.host, maxAnswer>>20)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		return c.undocumented()
	}
	return nil
}

// decode decodes an object that was read before.
func (c *Client) decode(raw json.RawMessage, out any) error {
	if json.Unmarshal(raw, out) != nil {
		return c.undocumented()
	}
	return nil
}

// undocumented says that an answer is not what it should be.
func (c *Client) undocumented() error {
	return fmt.Errorf("the answer of %s is not the JSON that Elasticsearch documents", c.host)
}

// A call is one request.
type call struct {
	method, path string
	query        url.Values
	in           any
	reads        bool // It changes nothing, although its method is not GET.
}

// send performs a call. Only an answer of success is returned, and its body is to be
// closed.
func (c *Client) send(ctx context.Context, k call) (*http.Response, error) {
	if err := c.observer.Paused(); err != nil {
		return nil, err
	}
	if k.method != http.MethodGet && !k.reads {
		defer c.observer.Wrote(ctx)
	}
	req, err := request(ctx, k.method, k.path, k.query, k.in)
	if err != nil {
		return nil, err
	}
	rsp, err := c.transport.Perform(req)
	if err != nil {
		return nil, err
	}
	if err := c.checkProduct(ctx, rsp); err != nil {
		_ = rsp.Body.Close() // Another engine's.
		return nil, err
	}
	if rsp.StatusCode >= http.StatusMultipleChoices {
		defer rsp.Body.Close() //nolint:errcheck // Nothing is lost when closing a body that has been read.
		err := decodeError(rsp, time.Now())
		c.observer.Throttled(err)
		return nil, err
	}
	if rsp.Header.Get(productHeader) != productName {
		_ = rsp.Body.Close() // It is a stranger's.
		return nil, c.stranger()
	}
	return rsp, nil
}

func request(ctx context.Context, method, path string, query url.Values, in any) (*http.Request, error) {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return nil, fmt.Errorf("cannot encode request: %w", err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, path, body)
	if err != nil {
		return nil, fmt.Errorf("cannot make request: %w", err)
	}
	req.URL.RawQuery = query.Encode()
	req.Header.Set("Accept", mediaType)
	if in != nil {
		req.Header.Set("Content-Type", mediaType)
	}
	return req, nil
}
