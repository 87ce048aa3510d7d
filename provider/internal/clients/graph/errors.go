package graph

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

const (
	maxAnswer = 16 << 20
	maxError  = 64 << 10

	// maxMessage keeps a condition readable.
	maxMessage = 300
)

// An Error is an answer other than success.
type Error struct {
	// Status is the HTTP status.
	Status int
	// Code is Graph's own name of the error, for example
	// Request_ResourceNotFound. It is empty if something else answered.
	Code string
	// Message is Graph's explanation, where it explains the caller's mistake and
	// is the same for every attempt.
	Message string

	retryAfter time.Duration
}

// Error returns words that are the same for every attempt.
func (e *Error) Error() string {
	switch {
	case e.Code == "":
		return fmt.Sprintf("answer %d %s does not come from Microsoft Graph; check the endpoint and what stands before it",
			e.Status, http.StatusText(e.Status))
	case e.Status == http.StatusUnauthorized:
		return "Microsoft Graph does not accept the credentials (" + e.Code + ")"
	case e.Status == http.StatusForbidden:
		return "Microsoft Graph does not permit this to the application (" + e.Code + "); see the permissions it needs"
	case e.Status == http.StatusTooManyRequests:
		return "Throttled: Microsoft Graph asks the application to wait (" + e.Code + ")"
	case e.Message != "":
		return e.Code + ": " + e.Message
	}
	return fmt.Sprintf("Microsoft Graph answered %d %s (%s)", e.Status, http.StatusText(e.Status), e.Code)
}

// RetryAfter returns how long Graph asked to be left alone, or 0.
func (e *Error) RetryAfter() time.Duration { return e.retryAfter }

// IsNotFound reports whether Graph itself said that the object does not exist,
// or is not known everywhere yet. A bare 404 does not count.
func IsNotFound(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == http.StatusNotFound && e.Code == "Request_ResourceNotFound"
}

// isAlreadyRelated reports whether an object was not added to a group because it
// is in it, or was not added in company of one that is.
func isAlreadyRelated(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == http.StatusBadRequest && strings.Contains(e.Message, "already exist")
}

// isTaken reports whether another group has the unique name that one was to get, be it in
// the deleted items.
func isTaken(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.Code == "ObjectConflict" || e.Status == http.StatusConflict && e.Code != "" ||
		e.Status == http.StatusBadRequest && strings.Contains(strings.ToLower(e.Message), "same value for property uniquename"))
}

// isBadRequest reports whether Graph refused a request for what it asks.
func isBadRequest(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == http.StatusBadRequest && e.Code != ""
}

// isForbidden reports whether Graph does not permit something to the application.
func isForbidden(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == http.StatusForbidden && e.Code != ""
}

const resyncRequired = "resyncRequired"

// isOutOfStep reports whether a delta query can be followed no further, because its token
// is too old or Graph lost what it stands for.
func isOutOfStep(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.Status == http.StatusGone && e.Code != "" || strings.EqualFold(e.Code, resyncRequired) ||
		strings.EqualFold(e.Code, "syncStateNotFound") || strings.EqualFold(e.Code, "Directory_ExpiredPageToken"))
}

// decodeError reads what an answer says about itself, as far as it does.
func decodeError(rsp *http.Response, now time.Time) *Error {
	body, err := io.ReadAll(io.LimitReader(rsp.Body, maxError))
	if err != nil {
		body = nil
	}
	return newError(rsp.StatusCode, rsp.Header, body, now)
}

func newError(status int, header http.Header, body []byte, now time.Time) *Error {
	e := &Error{Status: status, retryAfter: transport.RetryAfter(header, now)}
	var answer struct {
		Error struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return e
	}
	e.Code = answer.Error.Code
	if e.Status == http.StatusBadRequest || e.Status == http.StatusNotFound || e.Status == http.StatusConflict {
		e.Message = oneLine(answer.Error.Message)
	}
	return e
}

func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= maxMessage {
		return s
	}
	return strings.ToValidUTF8(s[:maxMessage], "") + "…"
}
