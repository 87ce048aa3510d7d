package graph

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/microsoftgraph/msgraph-sdk-go/groups"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	standin "github.com/plumbline-dev/plumbline/test/standins/graph"
)

// TestDelta follows what changes among groups, members and owners included.
func TestDelta(t *testing.T) {
	c := start(t, standin.Options{})
	id := create(t, c, "checkout-prod")
	follow := func(link *string) ([]string, *string) {
		t.Helper()
		get := c.Groups().Delta()
		query := &groups.DeltaRequestBuilderGetRequestConfiguration{QueryParameters: &groups.DeltaRequestBuilderGetQueryParameters{
			Select: []string{"displayName", "members", "owners"}}}
		if link != nil {
			get, query = get.WithUrl(*link), nil
		}
		page, err := get.GetAsDeltaGetResponse(t.Context(), query)
		if err != nil {
			t.Fatal(told(err))
		}
		var got []string
		for _, g := range page.GetValue() {
			words := *g.GetId()
			for _, what := range []string{"members@delta", "owners@delta", "@removed"} {
				if _, has := g.GetAdditionalData()[what]; has {
					words += " " + what
				}
			}
			got = append(got, words)
		}
		slices.Sort(got)
		return got, page.GetOdataDeltaLink()
	}
	all, link := follow(nil)
	none, link := follow(link)
	if err := c.Groups().ByGroupId(id).Members().Ref().Post(t.Context(), reference(standin.ObjectID("ana@example.com")), nil); err != nil {
		t.Fatal(told(err))
	}
	added, link := follow(link)
	if err := c.Groups().ByGroupId(id).Delete(t.Context(), nil); err != nil {
		t.Fatal(told(err))
	}
	gone, _ := follow(link)
	want := [][]string{{id}, nil, {id + " members@delta"}, {id + " @removed"}}
	if diff := cmp.Diff(want, [][]string{all, none, added, gone}); diff != "" {
		t.Errorf("\nEach query tells what changed since the one before.\n-want, +got:\n%s", diff)
	}
}

// TestDeltaOfUsers begins to follow users.
func TestDeltaOfUsers(t *testing.T) {
	c := start(t, standin.Options{})
	page, err := c.Users().Delta().GetAsDeltaGetResponse(t.Context(), &users.DeltaRequestBuilderGetRequestConfiguration{
		QueryParameters: &users.DeltaRequestBuilderGetQueryParameters{Select: []string{"accountEnabled", "userPrincipalName"}}})
	if err != nil {
		t.Fatal(told(err))
	}
	if got := len(page.GetValue()); got != len(standin.DefaultUsers()) || page.GetOdataDeltaLink() == nil {
		t.Errorf("\nThe first query tells of all users, and where the next begins: %d users, link %v", got, page.GetOdataDeltaLink())
	}
}
