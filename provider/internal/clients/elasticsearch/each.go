package elasticsearch

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
)

// maxSwept bounds the answer that tells of many objects. It is read one by one, and never
// held as a whole.
const maxSwept = 1 << 30

// each performs a call and hands on what its answer holds: in a field of the answer, or,
// if that is empty, in the answer itself. Members of an object have their names as keys,
// elements of a list have none. An answer that is cut short is an error.
func (c *Client) each(ctx context.Context, k call, field string, object func(key string, value json.RawMessage) error) error {
	rsp, err := c.send(ctx, k)
	if err != nil {
		return err
	}
	defer rsp.Body.Close() //nolint:errcheck // Nothing is lost when closing a body that has been read.

	body := &io.LimitedReader{R: rsp.Body, N: maxSwept}
	d := json.NewDecoder(body)
	if field == "" {
		err = members(d, object)
	} else {
		err = within(d, field, object)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil && body.N <= 0:
		return fmt.Errorf("the answer of %s is longer than %d MiB", c.host, maxSwept>>20)
	case err != nil:
		return c.undocumented()
	}
	return nil
}

// within hands on what a field of an object holds, and passes over the others.
func within(d *json.Decoder, field string, object func(string, json.RawMessage) error) error {
	if err := opens(d, '{'); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		if name == field {
			if err := either(d, object); err != nil {
				return err
			}
			continue
		}
		var other json.RawMessage
		if err := d.Decode(&other); err != nil {
			return err
		}
	}
	return opens(d, '}')
}

// either hands on the members of an object, or the elements of a list.
func either(d *json.Decoder, object func(string, json.RawMessage) error) error {
	first, err := d.Token()
	if err != nil {
		return err
	}
	if first == json.Delim('{') {
		return rest(d, '}', object)
	}
	if first == json.Delim('[') {
		return rest(d, ']', object)
	}
	return fmt.Errorf("found %v", first)
}

func members(d *json.Decoder, object func(string, json.RawMessage) error) error {
	if err := opens(d, '{'); err != nil {
		return err
	}
	return rest(d, '}', object)
}

// rest hands on values until the object or the list ends.
func rest(d *json.Decoder, end json.Delim, object func(string, json.RawMessage) error) error {
	for d.More() {
		key := ""
		if end == '}' {
			name, err := d.Token()
			if err != nil {
				return err
			}
			key, _ = name.(string)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		if err := object(key, value); err != nil {
			return err
		}
	}
	return opens(d, end)
}

// opens reads a delimiter.
func opens(d *json.Decoder, want json.Delim) error {
	got, err := d.Token()
	if err == nil && got != want {
		err = fmt.Errorf("found %v, want %v", got, want)
	}
	return err
}
