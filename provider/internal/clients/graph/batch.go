package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// maxBatch is the number of requests that Graph takes in one.
const maxBatch = 20

// A batchItem is a request of a batch.
type batchItem struct {
	ID     string `json:"id"`
	Method string `json:"method"`
	URL    string `json:"url"`
}

// A batchAnswer answers one request of a batch.
type batchAnswer struct {
	ID      string            `json:"id"`
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body"`
}

// deleteEach deletes what is at paths, many in one request. What is not there is
// no mistake, and what is refused holds up no other of its batch.
func (c *Client) deleteEach(ctx context.Context, paths []string) error {
	answers, err := c.batch(ctx, v1, http.MethodDelete, paths)
	if err != nil {
		return err
	}
	for _, a := range answers { // In order, so that a failure that goes on is always the same.
		if err := a.err(time.Now()); err != nil && !IsNotFound(err) {
			return err
		}
	}
	return nil
}

// batch makes one request for all paths, and returns the answers in their order.
func (c *Client) batch(ctx context.Context, version, method string, paths []string) ([]batchAnswer, error) {
	items := make([]batchItem, 0, len(paths))
	for i, path := range paths {
		items = append(items, batchItem{ID: strconv.Itoa(i), Method: method, URL: path})
	}
	var answer struct {
		Responses []batchAnswer `json:"responses"`
	}
	in := map[string]any{"requests": items}
	if err := c.do(ctx, call{method: http.MethodPost, url: c.at(version, "/$batch"), in: in, out: &answer}); err != nil {
		return nil, err
	}
	answered := map[string]batchAnswer{}
	for _, a := range answer.Responses {
		answered[a.ID] = a
	}
	all := make([]batchAnswer, 0, len(items))
	for _, item := range items {
		a, ok := answered[item.ID]
		if !ok {
			return nil, fmt.Errorf("a batch of %d requests has %d answers", len(items), len(answer.Responses))
		}
		all = append(all, a)
	}
	return all, nil
}

// err returns the error that an answer is.
func (a batchAnswer) err(now time.Time) error {
	if a.Status < http.StatusMultipleChoices {
		return nil
	}
	header := http.Header{}
	for name, value := range a.Headers {
		header.Set(name, value)
	}
	return newError(a.Status, header, a.Body, now)
}
