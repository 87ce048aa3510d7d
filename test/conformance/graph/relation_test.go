package graph

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	core "github.com/microsoftgraph/msgraph-sdk-go-core"
	"github.com/microsoftgraph/msgraph-sdk-go/groups"
	"github.com/microsoftgraph/msgraph-sdk-go/models"

	standin "github.com/plumbline-dev/plumbline/test/standins/graph"
)

func TestMembers(t *testing.T) {
	var users []standin.User
	var want []string
	for i := range 45 {
		name := fmt.Sprintf("user%d@example.com", i)
		users, want = append(users, standin.User{UserPrincipalName: name}), append(want, standin.ObjectID(name))
	}
	slices.Sort(want)
	c := start(t, standin.Options{Users: users})
	id := create(t, c, "checkout-prod")
	for chunk := range slices.Chunk(want, 20) {
		urls := []string{}
		for _, m := range chunk {
			urls = append(urls, "https://graph.microsoft.com/v1.0/directoryObjects/"+m)
		}
		change := models.NewGroup()
		change.SetAdditionalData(map[string]any{"members@odata.bind": urls})
		if _, err := c.Groups().ByGroupId(id).Patch(t.Context(), change, nil); err != nil {
			t.Fatal(told(err))
		}
	}
	first, err := c.Groups().ByGroupId(id).Members().Get(t.Context(), &groups.ItemMembersRequestBuilderGetRequestConfiguration{
		QueryParameters: &groups.ItemMembersRequestBuilderGetQueryParameters{Top: ptr[int32](10)}})
	if err != nil {
		t.Fatal(told(err))
	}
	pages, err := core.NewPageIterator[models.DirectoryObjectable](first, c.GetAdapter(), models.CreateDirectoryObjectCollectionResponseFromDiscriminatorValue)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	if err := pages.Iterate(t.Context(), func(o models.DirectoryObjectable) bool {
		u, ok := o.(models.Userable)
		if !ok {
			t.Errorf("\nThe library knows a member as the user that it is.\nIterate(...): %T", o)
			return false
		}
		got = append(got, *u.GetId())
		return true
	}); err != nil {
		t.Fatal(told(err))
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" || len(first.GetValue()) != 10 {
		t.Errorf("\nThe library reads all pages, the first of %d.\nIterate(...): -want, +got:\n%s", len(first.GetValue()), diff)
	}
}

func TestRemoveMember(t *testing.T) {
	c := start(t, standin.Options{})
	g := c.Groups().ByGroupId(create(t, c, "checkout-prod"))
	ana := standin.ObjectID("ana@example.com")
	if err := g.Members().Ref().Post(t.Context(), reference(ana), nil); err != nil {
		t.Fatal(told(err))
	}
	if err := g.Members().ByDirectoryObjectId(ana).Ref().Delete(t.Context(), nil); err != nil {
		t.Fatal(told(err))
	}
	left, err := g.Members().Get(t.Context(), nil)
	if err != nil || len(left.GetValue()) != 0 {
		t.Errorf("\nA member that was removed is gone.\nGet(...): %v, %s", left, told(err))
	}
}

func TestOwners(t *testing.T) {
	c := start(t, standin.Options{})
	g := c.Groups().ByGroupId(create(t, c, "checkout-prod"))
	ana, bo := standin.ObjectID("ana@example.com"), standin.ObjectID("bo@example.com")
	for _, id := range []string{ana, bo} {
		if err := g.Owners().Ref().Post(t.Context(), reference(id), nil); err != nil {
			t.Fatal(told(err))
		}
	}
	if err := g.Owners().ByDirectoryObjectId(ana).Ref().Delete(t.Context(), nil); err != nil {
		t.Fatal(told(err))
	}
	err := g.Owners().ByDirectoryObjectId(bo).Ref().Delete(t.Context(), nil)
	want := "400 Request_BadRequest: The group must have at least one owner, hence this owner cannot be removed."
	if diff := cmp.Diff(want, told(err)); diff != "" {
		t.Errorf("\nThe last owner stays.\nDelete(...): -want, +got:\n%s", diff)
	}
	left, err := g.Owners().Get(t.Context(), nil)
	if err != nil || len(left.GetValue()) != 1 || *left.GetValue()[0].GetId() != bo {
		t.Errorf("\nThe other one is gone.\nGet(...): %v, %s", left, told(err))
	}
}

func TestBatch(t *testing.T) {
	c := start(t, standin.Options{})
	id := create(t, c, "checkout-prod")
	add, err := c.Groups().ByGroupId(id).Members().Ref().ToPostRequestInformation(t.Context(), reference(standin.ObjectID("ana@example.com")), nil)
	if err != nil {
		t.Fatal(err)
	}
	read, err := c.Groups().ByGroupId(id).ToGetRequestInformation(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	batch := core.NewBatchRequest(c.GetAdapter())
	added, err := batch.AddBatchRequestStep(*add)
	if err != nil {
		t.Fatal(err)
	}
	got, err := batch.AddBatchRequestStep(*read)
	if err != nil {
		t.Fatal(err)
	}
	response, err := batch.Send(t.Context(), c.GetAdapter())
	if err != nil {
		t.Fatal(told(err))
	}
	if status := *response.GetResponseById(*added.GetId()).GetStatus(); status != 204 {
		t.Errorf("\nA member is added in a batch.\nstatus %d", status)
	}
	g, err := core.GetBatchResponseById[models.Groupable](response, *got.GetId(), models.CreateGroupFromDiscriminatorValue)
	if err != nil || *g.GetId() != id {
		t.Errorf("\nA group is read in the same batch.\nGetBatchResponseById(...): %v, %s", g, told(err))
	}
}

func TestUsers(t *testing.T) {
	c := start(t, standin.Options{})
	u, err := c.Users().ByUserId("eli@example.com").Get(t.Context(), nil)
	if err != nil {
		t.Fatal(told(err))
	}
	if diff := cmp.Diff(standin.ObjectID("eli@example.com"), *u.GetId()); diff != "" {
		t.Errorf("\nA user is found by name.\nGet(...): -want, +got:\n%s", diff)
	}
}
