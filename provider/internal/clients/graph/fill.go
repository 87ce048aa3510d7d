package graph

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/plumbline-dev/plumbline/provider/internal/observe"
)

// fillsAtOnce is how many batches are under way while a sweep reads all groups. Each takes
// Graph about half a second, and all are to be read before those who wait lose patience.
const fillsAtOnce = 8

// A relationOf is one relation to one group.
type relationOf struct {
	group    string
	relation Relation
}

func (r relationOf) key() string { return keyOf(string(r.relation), r.group) }

// fill reads the groups that are asked for, or are about to be, with members and owners:
// groups by the page, the others by the batch. It answers as reading each by itself does,
// which the first round of a delta query does not: that tells neither service principals
// nor who may not sign in, and tells the members of every group there is.
//
// What cannot be read is left to whoever asks for it, who is told why.
func (c *Client) fill(ctx context.Context, s *observe.Sweep[kept]) {
	if c.mark == "" && len(s.Wanted()) == 0 {
		return
	}
	groups, err := list[Group](ctx, c, c.at(v1, "/groups", "$select", fields, "$top", pageSize), nil)
	if err != nil {
		return
	}
	var all []relationOf
	for _, g := range groups {
		key := keyOf("group", g.ID)
		if marked := c.mark != "" && strings.Contains(g.Description, c.mark); !s.Wants(key) && !marked {
			continue
		}
		s.Found(key, kept{group: g})
		for _, r := range []Relation{Members, Owners} {
			if of := (relationOf{g.ID, r}); s.Expects(of.key()) {
				all = append(all, of)
			}
		}
	}
	c.fillRelations(ctx, s, all)
}

func (c *Client) fillRelations(ctx context.Context, s *observe.Sweep[kept], all []relationOf) {
	batches := make(chan []relationOf)
	var readers sync.WaitGroup
	for range fillsAtOnce {
		readers.Go(func() {
			for batch := range batches {
				for len(batch) > 0 && c.resumes(ctx) {
					batch = c.fillBatch(ctx, s, batch)
				}
			}
		})
	}
	for batch := range slices.Chunk(all, maxBatch) {
		batches <- batch
	}
	close(batches)
	readers.Wait()
}

// resumes waits for as long as Graph asks to be left alone, and reports whether there is
// time left.
func (c *Client) resumes(ctx context.Context) bool {
	for {
		var pause interface{ RetryAfter() time.Duration }
		if !errors.As(c.observer.Paused(), &pause) {
			return ctx.Err() == nil
		}
		select {
		case <-time.After(pause.RetryAfter()):
		case <-ctx.Done():
			return false
		}
	}
}

// fillBatch reads relations in one request, and returns those for which Graph asks to come
// again.
func (c *Client) fillBatch(ctx context.Context, s *observe.Sweep[kept], batch []relationOf) (again []relationOf) {
	paths := make([]string, 0, len(batch))
	for _, of := range batch {
		paths = append(paths, relatedPath(of.group, of.relation))
	}
	began := c.known.begin()
	answers, err := c.batch(ctx, beta, http.MethodGet, paths)
	if err != nil && c.observer.Paused() != nil {
		return batch
	}
	for i, a := range answers {
		found, err := c.pages(ctx, a)
		if err == nil {
			s.Found(batch[i].key(), kept{related: principals(found)})
			c.know(found, began)
			continue
		}
		if c.observer.Throttled(err); c.observer.Paused() != nil {
			again = append(again, batch[i])
		}
	}
	return again
}

// pages returns what is on the page that is the answer to a part of a batch, and on those
// after it.
func (c *Client) pages(ctx context.Context, a batchAnswer) ([]related, error) {
	if err := a.err(time.Now()); err != nil {
		return nil, err
	}
	var page struct {
		Value []related `json:"value"`
		Next  string    `json:"@odata.nextLink"`
	}
	if err := json.Unmarshal(a.Body, &page); err != nil {
		return nil, err
	}
	if page.Value == nil {
		return nil, errors.New("the answer to a part of a batch is no list")
	}
	if page.Next == "" {
		return page.Value, nil
	}
	rest, err := list[related](ctx, c, page.Next, nil)
	return append(page.Value, rest...), err
}

// know remembers whom the names of those in a relation lead to. An object is looked up by its
// id and a user by the principal name first, so that no look-up would find another.
func (c *Client) know(found []related, began uint64) {
	for _, o := range found {
		c.known.put(o.ID, o.ID, began)
		if o.UserPrincipalName != "" {
			c.known.put(o.UserPrincipalName, o.ID, began)
		}
	}
}
