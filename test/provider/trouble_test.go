package provider

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	elasticsearch "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	standin "github.com/plumbline-dev/plumbline/test/standins/elasticsearch"
	"github.com/plumbline-dev/plumbline/test/standins/faults"
	graph "github.com/plumbline-dev/plumbline/test/standins/graph"
)

// atOnce is how soon after a trouble a resource is well again: well before any backoff
// would end that has grown.
const atOnce = 15 * time.Second

// lasting holds an index through a trouble: it is the same one after it, with its
// documents, and was not created again.
type lasting struct {
	c     *cluster
	name  string
	uuid  string
	begun []string
}

func startIndex(t *testing.T, c *cluster, i *elasticsearch.Index) *lasting {
	t.Helper()
	create(t, i)
	awaitReady(t, i)
	name := i.Annotations["crossplane.io/external-name"]
	c.do(t, http.MethodPut, "/"+name+"/_doc/1?refresh=true", map[string]string{"id": "x"})
	_, begun := c.seen()
	return &lasting{c, name, c.setting(t, name, "uuid"), begun}
}

// check fails the test unless the index lasted, and returns the writes since.
func (l *lasting) check(t *testing.T) []string {
	t.Helper()
	_, writes := l.c.seen()
	writes = writes[len(l.begun):]
	_, answer := l.c.do(t, http.MethodGet, "/"+l.name+"/_count", nil)
	if l.c.setting(t, l.name, "uuid") != l.uuid || answer["count"] != float64(1) {
		t.Errorf("\nThe index and its documents last.\nuuid: %s, was %s, documents: %v", l.c.setting(t, l.name, "uuid"), l.uuid, answer["count"])
	}
	for _, w := range writes {
		if strings.HasPrefix(w, http.MethodDelete) || w == http.MethodPut+" /"+l.name {
			t.Errorf("\nNothing is deleted or created.\n%s", w)
		}
	}
	return writes
}

// wellAgain waits until a resource has recovered.
func wellAgain(t *testing.T, i *elasticsearch.Index) {
	t.Helper()
	began := time.Now()
	awaitReady(t, i)
	if took := time.Since(began); took > atOnce {
		t.Errorf("\nA resource recovers at once.\ntook %s", took)
	}
}

// TestSlow has a cluster answer later than the provider waits: once what it did, and then
// everything.
func TestSlow(t *testing.T) {
	c := startCluster(t)
	startProvider(t)
	ns := newNamespace(t)
	elasticsearchConfig(t, c, ns)
	i := newIndex(ns)
	name := i.Annotations["crossplane.io/external-name"]
	var held atomic.Int32
	c.meddle(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPut || r.URL.Path != "/"+name || held.Add(1) > 1 {
			return false
		}
		c.inner.ServeHTTP(silent{http.Header{}}, r) // It is done, and said to nobody who still listens.
		<-r.Context().Done()
		return true
	})
	create(t, i)
	within(t, 2*patience, "What was made and not heard of is found.", func() error {
		get(t, i)
		if ready := i.GetCondition(xpv2.TypeReady); ready.Status != corev1.ConditionTrue {
			return errorOf(ready)
		}
		return nil
	})
	if n := held.Load(); n != 1 {
		t.Errorf("\nIt is made once.\ncreations: %d", n)
	}
	l := &lasting{c: c, name: name, uuid: c.setting(t, name, "uuid")}
	c.do(t, http.MethodPut, "/"+name+"/_doc/1?refresh=true", map[string]string{"id": "x"})
	_, l.begun = c.seen()

	back := make(chan struct{})
	c.meddle(func(_ http.ResponseWriter, r *http.Request) bool {
		select {
		case <-r.Context().Done():
			return true
		case <-back:
			return false
		}
	})
	within(t, 3*patience, "A cluster that takes too long is said to.", func() error {
		get(t, i)
		if s := i.GetCondition(xpv2.TypeSynced); s.Status != corev1.ConditionFalse || !strings.HasSuffix(s.Message, "it took too long") {
			return errorOf(s)
		}
		return nil
	})
	close(back)
	c.meddle(nil)
	wellAgain(t, i)
	if writes := l.check(t); len(writes) != 0 {
		t.Errorf("\nNothing is written.\n%v", writes)
	}
}

// TestReadOnly has the disk of a cluster run full while a setting is to change.
func TestReadOnly(t *testing.T) {
	c := startCluster(t)
	startProvider(t)
	ns := newNamespace(t)
	elasticsearchConfig(t, c, ns)
	i := newIndex(ns)
	l := startIndex(t, c, i)
	block := func(yes any) {
		c.do(t, http.MethodPut, "/"+l.name+"/_settings", map[string]any{"index.blocks.read_only_allow_delete": yes})
	}
	block(true)
	change(t, i, func(i *elasticsearch.Index) {
		i.Spec.ForProvider.Mappings.Raw = []byte(`{"properties":{"id":{"type":"keyword"},"total":{"type":"long"}}}`)
	})
	awaitRefusal(t, i, `update failed: cannot add to mapping of index "`+l.name+`": Elasticsearch blocks it: index [`+l.name+`] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded`)
	if says := i.GetCondition(xpv2.TypeSynced).Message; !strings.HasSuffix(says, "Its operators lift the block, or free disk space") {
		t.Errorf("\nIt is said who acts.\n%s", says)
	}
	if ready := i.GetCondition(xpv2.TypeReady); ready.Status != corev1.ConditionFalse || !strings.Contains(ready.Message, "index.blocks.read_only_allow_delete") {
		t.Errorf("\nAn index that nobody can write to is not ready for a service, and the block is named.\n%s %s", ready.Status, ready.Message)
	}
	block(nil)
	eventually(t, "The field is added when the block is lifted.", func() error {
		if got := field(c.index(t, l.name), "total"); got["type"] != "long" {
			return fmt.Errorf("field is %v", got)
		}
		return nil
	})
	wellAgain(t, i)
	l.check(t)
}

// TestReadOnlyStream has the disk of a cluster run full that a data stream is on, and an
// operator make read-only what the stream does not write to any more.
func TestReadOnlyStream(t *testing.T) {
	c, ns, s := startStream(t)
	name := ns + ".events"
	old := s.Status.AtProvider.WriteIndex
	c.do(t, http.MethodPost, "/"+name+"/_rollover", nil)
	eventually(t, "The next index is known.", func() error {
		get(t, s)
		if s.Status.AtProvider.WriteIndex == old {
			return fmt.Errorf("it is still %s", old)
		}
		return nil
	})
	block := func(index, block string, yes any) {
		c.do(t, http.MethodPut, "/"+index+"/_settings", map[string]any{"index.blocks." + block: yes})
	}
	block(old, "write", true)
	stays(t, "A stream serves whose older indices are read-only.", s, 3*time.Second)
	_, before := c.seen()
	block(s.Status.AtProvider.WriteIndex, "read_only_allow_delete", true)
	const says = "Elasticsearch lets nobody write to it, as when a disk is full: index.blocks.read_only_allow_delete"
	eventually(t, "A stream that nobody can write to is not Ready, in the words of an Index.", func() error {
		get(t, s)
		if ready := s.GetCondition(xpv2.TypeReady); ready.Status != corev1.ConditionFalse || ready.Message != says {
			return errorOf(ready)
		}
		return nil
	})
	block(s.Status.AtProvider.WriteIndex, "read_only_allow_delete", nil)
	began := time.Now()
	awaitReady(t, s)
	if took := time.Since(began); took > atOnce {
		t.Errorf("\nIt recovers at once.\ntook %s", took)
	}
	if _, writes := c.seen(); len(writes) != len(before) {
		t.Errorf("\nNothing is written: blocks are Elasticsearch's to lift.\n%v", writes[len(before):])
	}
	remove(t, s)
	awaitGone(t, s)
}

// TestRed has a cluster lose the primary shards of an index, which is then to be deleted.
func TestRed(t *testing.T) {
	c := startCluster(t)
	startProvider(t)
	ns := newNamespace(t)
	elasticsearchConfig(t, c, ns)
	i := newIndex(ns)
	l := startIndex(t, c, i)
	lose := func(what ...string) {
		if status, _ := c.call(t, http.Header{}, http.MethodPut, "/_standin/lost", append([]string{}, what...)); status != http.StatusNoContent {
			t.Fatalf("cannot lose %v: %d", what, status)
		}
	}
	lose(l.name)
	eventually(t, "An index that is red is not Ready.", func() error {
		get(t, i)
		if ready := i.GetCondition(xpv2.TypeReady); ready.Status != corev1.ConditionFalse || !strings.Contains(ready.Message, "health red: a primary shard is not allocated") {
			return errorOf(ready)
		}
		return nil
	})
	lose()
	wellAgain(t, i)
	if writes := l.check(t); len(writes) != 0 {
		t.Errorf("\nNothing is written.\n%v", writes)
	}
	lose(l.name)
	remove(t, i)
	awaitRefusal(t, i, `DataLoss: "`+l.name+`" holds documents that cannot be counted while the index is red`)
	lose()
	awaitRefusal(t, i, `DataLoss: "`+l.name+`" holds 1 documents`)
	l.check(t)
}

// TestClockSkew has clocks of the backends hours ahead of the provider's, and behind it.
func TestClockSkew(t *testing.T) {
	for name, ahead := range map[string]time.Duration{"Ahead": 3 * time.Hour, "Behind": -3 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			clock := &faults.Clock{}
			c := &cluster{serve(t, faults.New(standin.New(standin.Options{Username: user, Password: clusterPassword, Now: clock.Now})).WithClock(clock))}
			d := startTenant(t, graph.Options{Now: clock.Now})
			clock.Set(ahead)
			d.header = d.signIn(t) // The token of before is of another time.
			startProvider(t)
			ns := newNamespace(t)
			elasticsearchConfig(t, c, ns)
			i := newIndex(ns)
			l := startIndex(t, c, i)
			k := newAPIKey(ns)
			k.Spec.ForProvider.Validity = &metav1.Duration{Duration: time.Hour}
			create(t, k)
			awaitReady(t, k)
			id := k.Status.AtProvider.ID
			stays(t, "A key whose end is far, by the clock of Elasticsearch, is left as it is.", k, 5*time.Second)
			if _, writes := c.seen(); k.Status.AtProvider.ID != id || strings.Count(strings.Join(writes, "\n"), "POST /_security/api_key") != 1 {
				t.Errorf("\nOne key is made, and none ended.\n%v", writes)
			}
			l.check(t)

			d.meddle(func(w http.ResponseWriter, r *http.Request) bool {
				w.Header().Set("Date", clock.Now().UTC().Format(http.TimeFormat))
				return false
			})
			other := newNamespace(t)
			entraConfig(t, d, other)
			g := newGroup(other, withMembers("ana@example.com"))
			create(t, g)
			awaitReady(t, g)
			d.removeMember(t, g.Status.AtProvider.ObjectID, ids("ana@example.com")[0])
			awaitMembers(t, "Drift is put right.", d, g, ids("ana@example.com"))
			d.meddle(func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Date", clock.Now().UTC().Format(http.TimeFormat))
				w.Header().Set("Retry-After", clock.Now().Add(2*time.Second).UTC().Format(http.TimeFormat))
				return refuse(w, 429, "TooManyRequests")
			})
			awaitRefusal(t, g, `observe failed: cannot get group`)
			d.meddle(nil)
			began := time.Now()
			awaitReady(t, g)
			if took := time.Since(began); took > atOnce {
				t.Errorf("\nA date to come back is by the clock of who says it.\ntook %s", took)
			}
			if found := d.groups(t, g.Spec.ForProvider.DisplayName); len(found) != 1 || found[0]["id"] != g.Status.AtProvider.ObjectID {
				t.Errorf("\nIt is the same group.\n%v", found)
			}
			remove(t, g)
			awaitGone(t, g)
			remove(t, k)
			awaitGone(t, k)
		})
	}
}
