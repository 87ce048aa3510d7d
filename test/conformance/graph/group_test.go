package graph

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	abstractions "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoftgraph/msgraph-sdk-go/directory"
	"github.com/microsoftgraph/msgraph-sdk-go/groups"
	"github.com/microsoftgraph/msgraph-sdk-go/groupswithuniquename"
	"github.com/microsoftgraph/msgraph-sdk-go/models"

	"github.com/plumbline-dev/plumbline/test/standins/faults"
	standin "github.com/plumbline-dev/plumbline/test/standins/graph"
)

func TestCreateAndGet(t *testing.T) {
	c := start(t, standin.Options{})
	id := create(t, c, "checkout-prod")
	g, err := c.Groups().ByGroupId(id).Get(t.Context(), nil)
	if err != nil {
		t.Fatal(told(err))
	}
	got := []any{*g.GetId(), *g.GetDisplayName(), *g.GetMailEnabled(), *g.GetSecurityEnabled(), g.GetGroupTypes(), g.GetDescription()}
	want := []any{id, "checkout-prod", false, true, []string{}, (*string)(nil)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("\nThe library reads the group that it created.\nGet(...): -want, +got:\n%s", diff)
	}
	if created := g.GetCreatedDateTime(); created == nil || time.Since(*created) > time.Hour {
		t.Errorf("\nTimes are in the form that the library reads.\ncreatedDateTime: %v", created)
	}
}

func TestSignInRefused(t *testing.T) {
	c := connect(t, serve(t, standin.Options{}), "wrong")
	if _, err := c.Groups().Get(t.Context(), nil); err == nil {
		t.Errorf("\nNobody signs in with a wrong secret.\nGet(...): no error")
	}
}

func TestErrors(t *testing.T) {
	lacking := models.NewGroup()
	lacking.SetDisplayName(ptr("x"))
	unknown := security("x")
	unknown.SetAdditionalData(map[string]any{"descriptoin": "d"})
	cases := map[string]struct {
		reason string
		do     func(c world) error
		want   string
	}{
		"NotFound": {
			reason: "An object that is not there is told by its id.",
			do:     func(c world) error { _, err := c.Groups().ByGroupId(absent).Get(c.ctx, nil); return err },
			want:   "404 Request_ResourceNotFound: Resource '" + absent + "' does not exist or one of its queried reference-property objects are not present.",
		},
		"Required": {
			reason: "A property that is required and missing is named.",
			do:     func(c world) error { _, err := c.Groups().Post(c.ctx, lacking, nil); return err },
			want:   "400 Request_BadRequest: A value is required for property 'mailEnabled' of resource 'Group'.",
		},
		"Unknown": {
			reason: "A property that does not exist is named.",
			do:     func(c world) error { _, err := c.Groups().Post(c.ctx, unknown, nil); return err },
			want:   "400 Request_BadRequest: Invalid property 'descriptoin'.",
		},
		"Duplicate": {
			reason: "A member that is there already is told apart from other mistakes.",
			do: func(c world) error {
				ana := reference(standin.ObjectID("ana@example.com"))
				if err := c.Groups().ByGroupId(c.group).Members().Ref().Post(c.ctx, ana, nil); err != nil {
					return err
				}
				return c.Groups().ByGroupId(c.group).Members().Ref().Post(c.ctx, ana, nil)
			},
			want: "400 Request_BadRequest: One or more added object references already exist for the following modified properties: 'members'.",
		},
		"Filter": {
			reason: "A property that cannot be asked for is named.",
			do: func(c world) error {
				_, err := c.Groups().Get(c.ctx, &groups.GroupsRequestBuilderGetRequestConfiguration{
					QueryParameters: &groups.GroupsRequestBuilderGetQueryParameters{Filter: ptr("visibility eq 'x'")}})
				return err
			},
			want: "400 Request_UnsupportedQuery: Unsupported or invalid query filter clause specified for property 'visibility' of resource 'group'.",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := start(t, standin.Options{})
			err := tc.do(world{GraphServiceClient: c, ctx: t.Context(), group: create(t, c, "checkout-prod")})
			if diff := cmp.Diff(tc.want, told(err)); diff != "" {
				t.Errorf("\n%s\n-want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestDenied(t *testing.T) {
	c := start(t, standin.Options{Permissions: []string{"User.Read.All"}})
	_, err := c.Groups().Get(t.Context(), nil)
	want := "403 Authorization_RequestDenied: Insufficient privileges to complete the operation."
	if diff := cmp.Diff(want, told(err)); diff != "" {
		t.Errorf("\nWhat was not granted is denied.\nGet(...): -want, +got:\n%s", diff)
	}
}

func TestUniqueName(t *testing.T) {
	c := start(t, standin.Options{})
	key := "checkout-prod's/one"
	prefer := abstractions.NewRequestHeaders()
	prefer.Add("Prefer", "create-if-missing")
	upsert := func(description string) (models.Groupable, error) {
		g := security("checkout-prod")
		g.SetDescription(&description)
		return c.GroupsWithUniqueName(ptr("checkout-prod''s/one")).Patch(t.Context(), g,
			&groupswithuniquename.GroupsWithUniqueNameRequestBuilderPatchRequestConfiguration{Headers: prefer})
	}
	created, err := upsert("first")
	if err != nil || created == nil {
		t.Fatalf("\nA group that is missing is created and answered with.\nPatch(...): %v, %s", created, told(err))
	}
	if again, err := upsert("second"); err != nil || again != nil {
		t.Fatalf("\nA group that is there is updated without a body.\nPatch(...): %v, %s", again, told(err))
	}
	g, err := c.GroupsWithUniqueName(ptr("checkout-prod''s/one")).Get(t.Context(), nil)
	if err != nil {
		t.Fatal(told(err))
	}
	got := []string{*g.GetId(), *g.GetUniqueName(), *g.GetDescription()}
	if diff := cmp.Diff([]string{*created.GetId(), key, "second"}, got); diff != "" {
		t.Errorf("\nBoth calls reached one group.\nGet(...): -want, +got:\n%s", diff)
	}
}

func TestPatchAndFilter(t *testing.T) {
	c := start(t, standin.Options{})
	id := create(t, c, "checkout-prod")
	create(t, c, "checkout-dev")
	change := models.NewGroup()
	change.SetDisplayName(ptr("it's renamed"))
	if _, err := c.Groups().ByGroupId(id).Patch(t.Context(), change, nil); err != nil {
		t.Fatal(told(err))
	}
	eventual := abstractions.NewRequestHeaders()
	eventual.Add("ConsistencyLevel", "eventual")
	list, err := c.Groups().Get(t.Context(), &groups.GroupsRequestBuilderGetRequestConfiguration{
		Headers: eventual,
		QueryParameters: &groups.GroupsRequestBuilderGetQueryParameters{
			Filter: ptr("displayName eq 'it''s renamed'"), Select: []string{"id"}, Count: ptr(true), Top: ptr[int32](10)},
	})
	if err != nil {
		t.Fatal(told(err))
	}
	got := fmt.Sprint(len(list.GetValue()), *list.GetValue()[0].GetId(), *list.GetOdataCount(), list.GetValue()[0].GetDisplayName())
	if diff := cmp.Diff(fmt.Sprint(1, id, 1, (*string)(nil)), got); diff != "" {
		t.Errorf("\nThe renamed group is found by its new name, with what was selected.\nGet(...): -want, +got:\n%s", diff)
	}
}

func TestDeleteAndRestore(t *testing.T) {
	c := start(t, standin.Options{})
	id := create(t, c, "checkout-prod")
	if err := c.Groups().ByGroupId(id).Delete(t.Context(), nil); err != nil {
		t.Fatal(told(err))
	}
	deleted, err := c.Directory().DeletedItems().GraphGroup().Get(t.Context(), &directory.DeletedItemsGraphGroupRequestBuilderGetRequestConfiguration{
		QueryParameters: &directory.DeletedItemsGraphGroupRequestBuilderGetQueryParameters{Filter: ptr("displayName eq 'checkout-prod'")}})
	if err != nil || len(deleted.GetValue()) != 1 || deleted.GetValue()[0].GetDeletedDateTime() == nil {
		t.Fatalf("\nA deleted group is among the deleted items.\nGet(...): %v, %s", deleted, told(err))
	}
	item := c.Directory().DeletedItems().ByDirectoryObjectId(id)
	restored, err := item.Restore().Post(t.Context(), nil)
	if err != nil {
		t.Fatal(told(err))
	}
	if g, ok := restored.(models.Groupable); !ok || *g.GetId() != id {
		t.Errorf("\nThe library knows the restored object as the group that it was.\nRestore(...): %T", restored)
	}
	if err := c.Groups().ByGroupId(id).Delete(t.Context(), nil); err != nil {
		t.Fatal(told(err))
	}
	if err := item.Delete(t.Context(), nil); err != nil {
		t.Fatal(told(err))
	}
	if _, err := item.Get(t.Context(), nil); err == nil {
		t.Errorf("\nA purged group is gone.\nGet(...): no error")
	}
}

// TestThrottled throttles a read. The library draws the order of its middlewares
// by lot, and in some orders it sends a write again without its body.
func TestThrottled(t *testing.T) {
	faulty := faults.New(standin.New(options(standin.Options{})))
	server := httptest.NewTLSServer(faulty)
	t.Cleanup(server.Close)
	c := connect(t, server, secret)
	id := create(t, c, "checkout-prod")
	rule := faults.Rule{Method: http.MethodGet, Path: "^/v1.0/groups/", Times: 1, Status: http.StatusTooManyRequests,
		Headers: map[string]string{"Retry-After": "1"}}
	if err := faulty.Set(rule); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Groups().ByGroupId(id).Get(t.Context(), nil); err != nil {
		t.Fatalf("\nThe library comes back after it was throttled.\nGet(...): %s", told(err))
	}
	var statuses []int
	for _, r := range faulty.Requests().Requests {
		if r.Method == http.MethodGet && r.Path == "/v1.0/groups/"+id {
			statuses = append(statuses, r.Status)
		}
	}
	if diff := cmp.Diff([]int{429, 200}, statuses); diff != "" {
		t.Errorf("\nIt was throttled once.\nRequests(): -want, +got:\n%s", diff)
	}
}
