package expand

import (
	"encoding/base64"
	"strings"
	"testing"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/protobuf/encoding/protojson"
)

// TestKeyIsNotTold checks that an API key that Crossplane hands over is in the Secret
// it is for, and nowhere else in the answer, be the claim right or wrong.
func TestKeyIsNotTold(t *testing.T) {
	const key, secret, hidden = "search-key-app", "search-secret-elasticsearch-app", "c2VjcmV0OmtleQ"
	search := object{"indices": []any{object{"name": "orders"}}, "apiKeys": []any{object{"name": "app", "access": "Writer"}}}
	told := func(req *fnv1.RunFunctionRequest) {
		req.Observed.Resources[key].ConnectionDetails = map[string][]byte{"endpoint": []byte("https://es"), "api_key": []byte(hidden)}
	}
	cases := map[string]struct {
		reason string
		edits  []edit
		holds  bool
	}{
		"Right": {"A right claim has its key in its Secret.", nil, true},
		"Wrong": {"A wrong claim tells nothing.", []edit{inSpec(t, "environment", "nowhere")}, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			edits := append([]edit{
				inSpec(t, "search", search),
				observed(t, "namespace", object{"apiVersion": "v1", "kind": "Namespace", "metadata": object{"name": "checkout-prod"}, "status": object{"phase": "Active"}}),
				observed(t, key, object{"metadata": object{"name": "checkout-prod.app"}}),
				told,
			}, tc.edits...)
			rsp := run(t, ask(t, edits...))
			data := text(rsp.GetDesired().GetResources()[secret].GetResource(), "data", "api_key")
			if holds := data == base64.StdEncoding.EncodeToString([]byte(hidden)); holds != tc.holds {
				t.Errorf("\n%s\napi_key is %q", tc.reason, data)
			}
			delete(rsp.GetDesired().GetResources(), secret)
			rest, err := protojson.Marshal(rsp)
			if err != nil {
				t.Fatal(err)
			}
			for _, form := range []string{hidden, base64.StdEncoding.EncodeToString([]byte(hidden))} {
				if strings.Contains(string(rest), form) {
					t.Errorf("\n%s\nThe rest of the answer tells the key.", tc.reason)
				}
			}
		})
	}
}
