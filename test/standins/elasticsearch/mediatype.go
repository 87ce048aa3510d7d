package elasticsearch

import (
	"fmt"
	"mime"
	"net/http"
	"strconv"
)

const vendored = "application/vnd.elasticsearch+json"

// checkMediaTypes refuses what names another major version than the cluster's or
// the one before, and a body that is not said to be JSON.
func (s *Server) checkMediaTypes(r *http.Request) error {
	accept, contentType := r.Header.Get("Accept"), r.Header.Get("Content-Type")
	accepted, err := s.compatible("Accept", accept)
	if err != nil {
		return err
	}
	sent, err := s.compatible("Content-Type", contentType)
	if err != nil {
		return err
	}
	if r.ContentLength == 0 || r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	switch kind, _, _ := mime.ParseMediaType(contentType); kind {
	case "application/json", vendored:
	case "":
		return &fault{status: http.StatusNotAcceptable, plain: "Content-Type header is missing"}
	default:
		return &fault{status: http.StatusNotAcceptable, plain: fmt.Sprintf("Content-Type header [%s] is not supported", contentType)}
	}
	if accepted != sent && accept != "" {
		return mediaType(fmt.Sprintf("A compatible version is required on both Content-Type and Accept headers if either one has requested "+
			"a compatible version and the compatible versions must match. Accept=%s, Content-Type=%s", accept, contentType))
	}
	return nil
}

// compatible returns the version that a header names, or nothing.
func (s *Server) compatible(header, value string) (string, error) {
	_, params, err := mime.ParseMediaType(value)
	if err != nil {
		return "", nil //nolint:nilerr // What is no media type names no version.
	}
	version := params["compatible-with"]
	before := s.major()
	if n, err := strconv.Atoi(before); err == nil {
		before = strconv.Itoa(n - 1)
	}
	if version == "" || version == s.major() || version == before {
		return version, nil
	}
	return "", mediaType(fmt.Sprintf("%s version must be either version %s or %s, but found %s. %s=%s",
		header, s.major(), before, version, header, value))
}

func mediaType(reason string) *fault {
	return &fault{status: http.StatusBadRequest, kind: "media_type_header_exception",
		reason: "Invalid media-type value on headers [Accept, Content-Type]",
		cause:  &fault{kind: "status_exception", reason: reason}}
}
