package observe

import (
	"errors"
	"time"
)

// A throttling error is one by which a backend asks to be left alone.
type throttling interface {
	error
	RetryAfter() time.Duration
}

// throttled returns how long an error asks to leave the backend alone, and 0 if it does
// not.
func throttled(err error) time.Duration {
	var t throttling
	if errors.As(err, &t) {
		return t.RetryAfter()
	}
	return 0
}

// Throttled leaves the backend alone for as long as an error asks, if it does.
func (o *Observer) Throttled(err error) {
	wait := throttled(err)
	if o == nil || wait <= 0 {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if until := o.now().Add(wait); until.After(o.pause) {
		o.pause, o.paused = until, err
	}
}

// Paused returns an error while the backend asks to be left alone, in the words in which
// it asked. No request is to be made meanwhile.
func (o *Observer) Paused() error {
	if o == nil {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if left := o.pause.Sub(o.now()); left > 0 {
		return &refusalError{o.paused.Error(), left}
	}
	return nil
}

// A refusalError repeats what was said of the backend before. It has the words of the
// error that it repeats and nothing else of it: that a sweep did not find something must
// not look as if a resource had been told so.
type refusalError struct {
	words string
	wait  time.Duration
}

func (r *refusalError) Error() string { return r.words }

// RetryAfter returns how long the backend still asks to be left alone, or 0.
func (r *refusalError) RetryAfter() time.Duration { return r.wait }
