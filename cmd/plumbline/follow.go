package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	kerrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
)

// looksAgain is how often a follower looks at what a deletion waits for. The claim does
// not change meanwhile, so no watch tells.
const looksAgain = 2 * time.Second

// A follower prints each change of a claim's words; a claim changes more often than its
// words do.
type follower struct {
	command statusCommand
	plane   dynamic.Interface
	out     io.Writer
	said    map[string]string                    // By the title of a claim.
	going   map[string]unstructured.Unstructured // Those that are being deleted.
}

func newFollower(c statusCommand, plane dynamic.Interface, out io.Writer, seen []unstructured.Unstructured, e ends) *follower {
	f := &follower{command: c, plane: plane, out: out, said: map[string]string{}, going: map[string]unstructured.Unstructured{}}
	for _, item := range seen {
		s := situationOf(item).with(e)
		f.said[s.title()] = f.words(s)
		f.note(item, s.deleting)
	}
	return f
}

// note remembers a claim for as long as it is being deleted.
func (f *follower) note(item unstructured.Unstructured, deleting bool) {
	title := item.GetNamespace() + "/" + item.GetName()
	if delete(f.going, title); deleting {
		f.going[title] = item
	}
}

func (f *follower) follow(ctx context.Context, claims dynamic.ResourceInterface, options metav1.ListOptions) error {
	for ctx.Err() == nil {
		watcher, err := claims.Watch(ctx, options)
		if err != nil {
			return ignoreInterrupt(ctx, fmt.Errorf("cannot watch claims: %w", err))
		}
		options.ResourceVersion, err = f.drain(ctx, watcher, options.ResourceVersion)
		watcher.Stop()
		if err != nil {
			return ignoreInterrupt(ctx, err)
		}
	}
	return nil
}

// drain tells what a watch brings until it ends, and returns the version it came to.
func (f *follower) drain(ctx context.Context, watcher watch.Interface, version string) (string, error) {
	again := time.NewTicker(looksAgain)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return version, nil
		case <-again.C:
			if err := f.tellOfEnds(ctx, slices.Collect(maps.Values(f.going))...); err != nil {
				return version, err
			}
		case event, open := <-watcher.ResultChan():
			if !open {
				return version, nil
			}
			item, ok := event.Object.(*unstructured.Unstructured)
			if !ok {
				return "", ignoreExpired(kerrors.FromObject(event.Object))
			}
			version = item.GetResourceVersion()
			if err := f.heed(ctx, event.Type, *item); err != nil {
				return version, err
			}
		}
	}
}

// heed tells of a claim that a watch brought.
func (f *follower) heed(ctx context.Context, event watch.EventType, item unstructured.Unstructured) error {
	s := situationOf(item)
	f.note(item, s.deleting && event != watch.Deleted)
	switch {
	case event == watch.Deleted:
		return f.tellOfEnd(ctx, s)
	case s.deleting:
		return f.tellOfEnds(ctx, item)
	default:
		return f.tell(s)
	}
}

// tellOfEnds looks at what the deletion of claims waits for.
func (f *follower) tellOfEnds(ctx context.Context, going ...unstructured.Unstructured) error {
	if len(going) == 0 {
		return nil
	}
	e, err := f.command.lookAtEnds(ctx, f.plane, going)
	if err != nil {
		return err
	}
	for _, item := range going {
		if err := f.tell(situationOf(item).with(e)); err != nil {
			return err
		}
	}
	return nil
}

// tellOfEnd tells that a claim is gone, and what of it is kept.
func (f *follower) tellOfEnd(ctx context.Context, s situation) error {
	delete(f.said, s.title())
	if _, err := fmt.Fprintf(f.out, "%s: deleted\n", s.title()); err != nil {
		return err
	}
	of := f.command
	of.Namespace, of.Name = s.namespace, s.name
	kept, err := of.lookAtTombstones(ctx, f.plane)
	if err != nil {
		return err
	}
	return printKept(f.out, kept)
}

// tell prints a claim if its words changed.
func (f *follower) tell(s situation) error {
	words := f.words(s)
	if f.said[s.title()] == words {
		return nil
	}
	f.said[s.title()] = words
	if f.command.Name != "" {
		return printSituation(f.out, s)
	}
	_, err := fmt.Fprintln(f.out, s.line())
	return err
}

// words are what is told of a claim: its line, and, where it is shown in full while it
// is being deleted, what is still there.
func (f *follower) words(s situation) string {
	words := s.line()
	if f.command.Name == "" {
		return words
	}
	for _, r := range s.leaving {
		words += fmt.Sprintf("; %s %s %s: %s", r.State, r.Kind, r.Name, wordsOf(r))
	}
	return words
}

// ignoreExpired lets a watch that slept too long begin anew, with all there is. What
// was told before is not told again.
func ignoreExpired(err error) error {
	if kerrors.IsResourceExpired(err) || kerrors.IsGone(err) {
		return nil
	}
	return fmt.Errorf("cannot watch claims: %w", err)
}
