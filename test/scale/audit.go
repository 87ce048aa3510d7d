package scale

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"os"
	"strings"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
)

// An auditLog counts the writes in an API server's audit log. It reads on where it
// stopped: the log of a thousand claims has hundreds of megabytes.
type auditLog struct {
	file   string
	offset int64
	writes map[string]map[string]int
}

// An auditEvent is what is read of a record.
type auditEvent struct {
	Verb string `json:"verb"`
	User struct {
		Username string `json:"username"`
	} `json:"user"`
	ObjectRef struct {
		Resource    string `json:"resource"`
		Subresource string `json:"subresource"`
		Namespace   string `json:"namespace"`
	} `json:"objectRef"`
}

// read returns all writes so far, by who wrote and by what was written.
func (l *auditLog) read() (map[string]map[string]int, error) {
	log, err := os.Open(l.file)
	if err != nil {
		return nil, errors.Wrap(err, "cannot open audit log")
	}
	defer log.Close() //nolint:errcheck // It is only read.
	if _, err := log.Seek(l.offset, io.SeekStart); err != nil {
		return nil, errors.Wrap(err, "cannot read audit log")
	}
	lines := bufio.NewReaderSize(log, 1<<20)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil { // A line still being written is read the next time.
			return l.clone(), errors.Wrap(ignoreEOF(err), "cannot read audit log")
		}
		l.offset += int64(len(line))
		l.count(line)
	}
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// count counts one record. A leader that says it lives is no write, but a Lease by
// which an environment has its host is; nor are questions about rights.
func (l *auditLog) count(line []byte) {
	var e auditEvent
	if json.Unmarshal(bytes.TrimSpace(line), &e) != nil {
		return
	}
	leads := e.ObjectRef.Resource == "leases" && e.Verb == "update"
	if leads || strings.HasSuffix(e.ObjectRef.Resource, "reviews") {
		return
	}
	who := e.User.Username[strings.LastIndex(e.User.Username, ":")+1:]
	what := e.Verb + " " + e.ObjectRef.Resource
	if e.ObjectRef.Subresource != "" {
		what += "/" + e.ObjectRef.Subresource
	}
	if l.writes[who] == nil {
		l.writes[who] = map[string]int{}
	}
	l.writes[who][what]++
}

func (l *auditLog) clone() map[string]map[string]int {
	out := make(map[string]map[string]int, len(l.writes))
	for who, writes := range l.writes {
		out[who] = maps.Clone(writes)
	}
	return out
}
