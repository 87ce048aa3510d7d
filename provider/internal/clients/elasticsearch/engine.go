package elasticsearch

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/provider/internal/clients/transport"
)

// An OpenSearchError says that OpenSearch answers at the endpoint. It understands many of
// the calls, and the same words mean something else in some answers: guessing on would
// create what is there, and leave undone what was asked for.
type OpenSearchError struct{ Host, Version string }

// Error says what is missing there, and what to do.
func (e *OpenSearchError) Error() string {
	return fmt.Sprintf("UnsupportedEngine: %s is OpenSearch %s, and the kinds of elasticsearch.plumbline.dev need Elasticsearch 8 or 9: "+
		"OpenSearch has neither ILM, for LifecyclePolicy, nor data stream lifecycles, for DataStream, nor /_security, for Role, RoleMapping and APIKey, "+
		"and answers for an Index that there is none with success; set the endpoint of the provider config to a cluster of Elasticsearch", e.Host, e.Version)
}

// telling are the statuses of answers that are mistaken for Elasticsearch's if
// OpenSearch sends them. Others say that something is wrong, whoever sends them.
var telling = []int{http.StatusOK, http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotAcceptable}

// checkProduct reports that OpenSearch sent an answer, not Elasticsearch. Only where an
// answer does not name Elasticsearch does it ask what it is that answers.
func (c *Client) checkProduct(ctx context.Context, rsp *http.Response) error {
	if rsp.Header.Get(productHeader) == productName || !slices.Contains(telling, rsp.StatusCode) {
		return nil
	}
	if e, err := c.engine(ctx); err == nil && e.Distribution == OpenSearch {
		return &OpenSearchError{Host: c.host, Version: e.Version}
	}
	return nil // The answer that it is about speaks for itself.
}

// Distributions of engines that are told apart.
const (
	Elasticsearch = "Elasticsearch"
	OpenSearch    = "OpenSearch"
)

// An Engine is what answers at an endpoint, by what it says of itself.
type Engine struct{ Distribution, Version string }

// Supported reports whether the engine is one that is managed: Elasticsearch 8 or 9.
func (e Engine) Supported() bool {
	major, _, _ := strings.Cut(e.Version, ".")
	return e.Distribution == Elasticsearch && (major == "8" || major == "9")
}

// Engine asks what answers at the endpoint.
func (c *Client) Engine(ctx context.Context) (Engine, error) {
	if err := c.observer.Paused(); err != nil {
		return Engine{}, err
	}
	return c.engine(ctx)
}

// engine asks in words that every version of every engine understands: without the media
// type of the other calls, which version 7 of Elasticsearch refuses.
func (c *Client) engine(ctx context.Context) (Engine, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
	if err != nil {
		return Engine{}, fmt.Errorf("cannot make request: %w", err)
	}
	rsp, err := c.transport.Perform(req)
	if err != nil {
		return Engine{}, err
	}
	defer rsp.Body.Close() //nolint:errcheck // Nothing is lost when closing a body that has been read.
	if rsp.StatusCode >= http.StatusMultipleChoices {
		err := decodeError(rsp, time.Now())
		c.observer.Throttled(err)
		return Engine{}, err
	}
	body, err := io.ReadAll(io.LimitReader(rsp.Body, maxError))
	if err != nil {
		return Engine{}, transport.Broken(c.host, err)
	}
	if e, ok := parseEngine(body); ok {
		return e, nil
	}
	return Engine{}, c.stranger()
}

// parseEngine reads what an engine says of itself, and reports whether it is one that is
// told apart.
func parseEngine(body []byte) (Engine, bool) {
	var answer struct {
		Version struct {
			Distribution string `json:"distribution"`
			Number       string `json:"number"`
		} `json:"version"`
		Tagline string `json:"tagline"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return Engine{}, false
	}
	version := oneLine(answer.Version.Number)
	switch {
	case answer.Version.Distribution == "opensearch":
		return Engine{OpenSearch, version}, true
	case answer.Tagline == tagline: // Versions before 7.14 have no header that names them.
		return Engine{Elasticsearch, version}, true
	}
	return Engine{}, false
}

// tagline is what Elasticsearch says of itself.
const tagline = "You Know, for Search"

// stranger says that what answers is neither Elasticsearch nor OpenSearch.
func (c *Client) stranger() error {
	return fmt.Errorf("the server at %s does not call itself Elasticsearch; check the endpoint", c.host)
}
