package scale

import (
	"fmt"
	"io"
	"time"
)

// A sayer writes a line about how far a stage has come.
type sayer func(format string, args ...any)

// sayTo writes each line with the time that has passed.
func sayTo(out io.Writer, began time.Time) sayer {
	return func(format string, args ...any) {
		_, _ = fmt.Fprintf(out, "%8.1fs  %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
	}
}

// seldom leaves out lines that follow too closely.
func (s sayer) seldom() sayer {
	var last time.Time
	return func(format string, args ...any) {
		if time.Since(last) < progress {
			return
		}
		last = time.Now()
		s(format, args...)
	}
}
