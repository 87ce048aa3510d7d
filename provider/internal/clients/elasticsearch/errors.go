package elasticsearch

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/provider/internal/clients/transport"
)

// rejectedWait is how long a cluster is left alone that rejects requests for want of room,
// and says no time.
const rejectedWait = time.Second

// blocked is the type of what a block refuses, such as that of a full disk.
const blocked = "cluster_block_exception"

// maxReason keeps a condition readable.
const maxReason = 300

// An Error is an answer other than success.
type Error struct {
	// Status is the HTTP status.
	Status int
	// Type is Elasticsearch's own name of the error, for example
	// index_not_found_exception. It is empty if something else answered, or if
	// Elasticsearch gives the error no name.
	Type string
	// Reason is Elasticsearch's explanation. It is kept only where it explains
	// the caller's mistake and is the same for every attempt.
	Reason string

	// missing is set where Elasticsearch said in an answer without an error that it
	// has no such thing.
	missing    bool
	nameless   bool // Elasticsearch answered, and without a type.
	retryAfter time.Duration
}

// Error returns words that are the same for every attempt.
func (e *Error) Error() string {
	switch {
	case e.missing:
		return "Elasticsearch has none of this name"
	case e.nameless:
		return fmt.Sprintf("Elasticsearch answered %d %s", e.Status, http.StatusText(e.Status))
	case e.Type == "":
		return fmt.Sprintf("answer %d %s does not come from Elasticsearch; check the endpoint and what stands before it",
			e.Status, http.StatusText(e.Status))
	case e.Status == http.StatusUnauthorized:
		return "Elasticsearch does not accept the credentials (" + e.Type + ")"
	case e.Type == blocked && e.Reason != "":
		return "Elasticsearch blocks it: " + e.Reason + " Its operators lift the block, or free disk space"
	case e.Status == http.StatusForbidden:
		return "Elasticsearch does not permit this to the credentials (" + e.Type + ")"
	case e.isThrottling():
		return "Throttled: Elasticsearch has no room for requests (" + e.Type + ")"
	case e.Reason != "":
		return e.Type + ": " + e.Reason
	}
	return fmt.Sprintf("Elasticsearch answered %d %s (%s)", e.Status, http.StatusText(e.Status), e.Type)
}

// isThrottling reports whether the cluster has no room at the moment. A full disk blocks
// with the same status.
func (e *Error) isThrottling() bool {
	return e.Status == http.StatusTooManyRequests && e.Type != "" && e.Type != blocked
}

// RetryAfter returns how long the cluster asked to be left alone, or 0.
func (e *Error) RetryAfter() time.Duration { return e.retryAfter }

// IsNotFound reports whether Elasticsearch itself said that the index or the data
// stream does not exist. A bare 404, as from a proxy with a wrong path, does not count:
// taking it for an answer would make the provider create what is already there.
func IsNotFound(err error) bool {
	return is(err, http.StatusNotFound, "index_not_found_exception")
}

// IsTemplateNotFound reports whether Elasticsearch itself said that the index template
// does not exist.
func IsTemplateNotFound(err error) bool {
	return is(err, http.StatusNotFound, "resource_not_found_exception") || is(err, http.StatusNotFound, "index_template_missing_exception")
}

// IsMissing reports whether Elasticsearch itself said that it has no such document
// or API key. As with indices, a bare 404 does not count.
func IsMissing(err error) bool {
	var e *Error
	return is(err, http.StatusNotFound, "resource_not_found_exception") || errors.As(err, &e) && e.missing
}

// IsAlreadyExists reports whether an index or a data stream of the name exists.
func IsAlreadyExists(err error) bool {
	return is(err, http.StatusBadRequest, "resource_already_exists_exception")
}

// IsInvalid reports whether Elasticsearch refused a request for what it asks,
// so that asking again cannot help.
func IsInvalid(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == http.StatusBadRequest && e.Type != ""
}

// Explain says what could not be done. Where Elasticsearch refuses it for what it asks,
// the words open with Refused: whoever asked has to ask for something else.
func Explain(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	what := fmt.Sprintf(format, args...)
	if IsInvalid(err) {
		what = "Refused: " + what
	}
	return fmt.Errorf("%s: %w", what, err)
}

// IsUnsupported reports whether this flavour of Elasticsearch lacks the API, as
// the serverless flavour lacks cluster health.
func IsUnsupported(err error) bool {
	return is(err, http.StatusGone, "api_not_available_exception")
}

func is(err error, status int, kind string) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == status && e.Type == kind
}

// decodeError reads what an answer says about itself, as far as it does.
func decodeError(rsp *http.Response, now time.Time) *Error {
	e := &Error{Status: rsp.StatusCode, retryAfter: transport.RetryAfter(rsp.Header, now)}
	var answer struct {
		Error struct {
			Type   string `json:"type"`
			Reason string `json:"reason"`
		} `json:"error"`
	}
	body, err := io.ReadAll(io.LimitReader(rsp.Body, maxError))
	if err == nil {
		err = json.Unmarshal(body, &answer)
	}
	if e.nameless = rsp.Header.Get(productHeader) == productName && answer.Error.Type == ""; err != nil {
		return e
	}
	if e.Status == http.StatusNotFound && rsp.Header.Get(productHeader) == productName && saysMissing(body) {
		e.missing = true
		return e
	}
	e.Type = answer.Error.Type
	if e.isThrottling() && e.retryAfter == 0 {
		e.retryAfter = rejectedWait
	}
	if e.Status == http.StatusBadRequest || e.Status == http.StatusNotFound || e.Status == http.StatusConflict || e.Type == blocked {
		e.Reason = oneLine(answer.Error.Reason)
	}
	return e
}

func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= maxReason {
		return s
	}
	return strings.ToValidUTF8(s[:maxReason], "") + "…"
}
