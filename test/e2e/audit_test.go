package e2e

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"testing"
)

// A write to the API, as the API server recorded it.
type write struct {
	Verb string `json:"verb"`
	User struct {
		Username string `json:"username"`
	} `json:"user"`
	Ref struct {
		Group       string `json:"apiGroup"`
		Resource    string `json:"resource"`
		Namespace   string `json:"namespace"`
		Name        string `json:"name"`
		Subresource string `json:"subresource"`
	} `json:"objectRef"`
	Response struct {
		Code int `json:"code"`
	} `json:"responseStatus"`
}

// done says whether the API server did what it was asked.
func (w write) done() bool { return w.Response.Code < http.StatusMultipleChoices }

func (w write) String() string {
	return w.User.Username + " " + w.Verb + " " + w.Ref.Resource + " " + w.Ref.Namespace + "/" + w.Ref.Name
}

// writes returns all writes to the API that a test asks for, refused ones too.
func writes(t *testing.T, want func(write) bool) []write {
	t.Helper()
	log, err := os.Open(plane.AuditLog())
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close() //nolint:errcheck // It is only read.
	var out []write
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		w := write{}
		if err := json.Unmarshal(lines.Bytes(), &w); err != nil {
			continue // The last line may be on its way.
		}
		if want(w) {
			out = append(out, w)
		}
	}
	return out
}
