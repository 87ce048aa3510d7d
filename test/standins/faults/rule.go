package faults

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"time"
)

// A Rule says which requests fail, and how.
type Rule struct {
	// Method and Path select requests; left out, any. Path is a regular expression
	// on the URL's path.
	Method string `json:"method,omitempty"`
	Path   string `json:"path,omitempty"`

	// Times is how many requests the rule decides on before it is spent; 0 for no end.
	Times int `json:"times,omitempty"`

	// Delay before the answer, such as 500ms.
	Delay string `json:"delay,omitempty"`

	// Status, Headers and Body are the answer. Without a Status, the stand-in answers
	// itself: late, with the Headers in place of its own of the same names.
	Status  int               `json:"status,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body,omitempty"`

	// After lets the stand-in do what it is asked before the fault: the caller never
	// hears that it was done.
	After bool `json:"after,omitempty"`

	// Cut closes the connection without an answer.
	Cut bool `json:"cut,omitempty"`
}

// A rule is a Rule that was checked.
type rule struct {
	Rule

	path  *regexp.Regexp
	delay time.Duration
	left  int // Negative for no end.
}

// headers returns those of the answer.
func (r rule) headers() http.Header {
	out := http.Header{}
	for name, value := range r.Headers {
		out.Set(name, value)
	}
	return out
}

func checkAll(rules []Rule) ([]rule, error) {
	checked := make([]rule, len(rules))
	var errs []error
	for i, r := range rules {
		var wrong []error
		checked[i], wrong = check(r)
		for _, err := range wrong {
			errs = append(errs, fmt.Errorf("cannot use rule %d: %w", i, err))
		}
	}
	return checked, errors.Join(errs...)
}

// check returns all that is wrong with a rule.
func check(r Rule) (rule, []error) {
	out := rule{Rule: r, left: -1}
	if r.Times > 0 {
		out.left = r.Times
	}
	var wrong []error
	refuse := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	var err error
	if out.path, err = regexp.Compile(r.Path); err != nil {
		refuse("path %q is no regular expression: %w", r.Path, err)
	}
	if r.Delay != "" {
		if out.delay, err = time.ParseDuration(r.Delay); err != nil || out.delay < 0 {
			refuse("delay %q is no length of time, such as 500ms", r.Delay)
		}
	}
	if r.Times < 0 {
		refuse("times %d is negative; leave it out for no end", r.Times)
	}
	if r.Status != 0 && (r.Status < 200 || r.Status > 599) {
		refuse("status %d ends no request; it is from 200 to 599", r.Status)
	}
	switch {
	case r.Cut && (r.Status != 0 || r.Body != "" || len(r.Headers) > 0):
		refuse("cut leaves no answer; leave out status, headers and body")
	case r.Body != "" && r.Status == 0:
		refuse("body is an answer's; set status too")
	}
	return out, wrong
}
