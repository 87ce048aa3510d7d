package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource/unstructured/claim"
	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// captured is the example that is captured.
const captured = "production"

// A recording is what Crossplane asked the function for one composite, in order.
type recording struct {
	mu    sync.Mutex
	calls []call
}

type call struct {
	req *fnv1.RunFunctionRequest
	rsp *fnv1.RunFunctionResponse
}

func (r *recording) add(c call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, c)
}

// capture commits the production example to a control plane that has not seen it, and
// writes down what Crossplane asks the function: the first call of all, the last before
// anything is created, and the last once all is ready.
func capture(ctx context.Context, p place, dir string) error {
	k, err := connect(p)
	if err != nil {
		return err
	}
	r := &recording{}
	stop, err := record(ctx, k, p, r)
	if err != nil {
		return err
	}
	err = settleExample(ctx, k, p)
	if err := errors.Join(err, stop()); err != nil {
		return err
	}
	for name, wanted := range map[string]func(call) bool{
		"first":  func(c call) bool { return c.req.GetRequiredResources()["namespace"] == nil && !c.observes() },
		"create": func(c call) bool { return !c.observes() },
		"steady": func(c call) bool { return c.rsp.GetDesired().GetComposite().GetReady() == fnv1.Ready_READY_TRUE },
	} {
		if err := r.write(filepath.Join(dir, name+".json"), name == "first", wanted); err != nil {
			return err
		}
	}
	return nil
}

func (c call) observes() bool { return len(c.req.GetObserved().GetResources()) > 0 }

// settleExample takes the example to where nothing changes any more.
func settleExample(ctx context.Context, k client.Client, p place) error {
	claims, err1 := readExample(p.root, captured, "claim.yaml")
	services, err2 := readExample(p.root, captured, "service.yaml")
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	c := &claim.Unstructured{Unstructured: *claims[0]}
	if err := k.Get(ctx, client.ObjectKeyFromObject(c), c.DeepCopy()); err == nil {
		return errors.Errorf("claim %q exists, so its first call is over; capture on a new control plane", c.GetName())
	}
	if err := commit(ctx, k, facts{}, c); err != nil {
		return err
	}
	for _, s := range services {
		if err := client.IgnoreAlreadyExists(k.Create(ctx, s)); err != nil {
			return errors.Wrapf(err, "cannot create Service %q", s.GetName())
		}
	}
	return eventually(ctx, func(ctx context.Context) (string, error) {
		err := k.Get(ctx, client.ObjectKeyFromObject(c), c)
		if err == nil && (!ready(c) || !facts{}.served(c)) {
			return statusOf(c).Summary, nil
		}
		return "", err
	})
}

// write writes the first or the last request that is wanted, without what is secret.
func (r *recording) write(file string, first bool, wanted func(call) bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found *fnv1.RunFunctionRequest
	for _, c := range r.calls {
		if wanted(c) && (found == nil || !first) {
			found = c.req
		}
	}
	if found == nil {
		return errors.Errorf("cannot find the call for %q among %d", file, len(r.calls))
	}
	b, err := protojson.Marshal(withoutSecrets(found))
	if err != nil {
		return errors.Wrap(err, "cannot encode request")
	}
	var out bytes.Buffer
	if err := json.Compact(&out, b); err != nil { // protojson's spaces differ from program to program.
		return errors.Wrap(err, "cannot encode request")
	}
	out.WriteByte('\n')
	fmt.Printf("%s: %d bytes on the wire, %d resources\n", file, proto.Size(found), len(found.GetObserved().GetResources()))
	return errors.Wrap(os.WriteFile(file, out.Bytes(), 0o644), "cannot write request") //nolint:gosec // Nothing in it is secret.
}

// withoutSecrets puts a word of the same length in the place of each secret: connection
// details, and the data of Secrets.
func withoutSecrets(req *fnv1.RunFunctionRequest) *fnv1.RunFunctionRequest {
	out := proto.CloneOf(req)
	resources := []*fnv1.Resource{out.GetObserved().GetComposite()}
	for _, r := range out.GetObserved().GetResources() {
		resources = append(resources, r)
	}
	for _, r := range resources {
		for key, value := range r.GetConnectionDetails() {
			r.ConnectionDetails[key] = bytes.Repeat([]byte("x"), len(value))
		}
		if r.GetResource().GetFields()["kind"].GetStringValue() != "Secret" {
			continue
		}
		for _, v := range r.GetResource().GetFields()["data"].GetStructValue().GetFields() {
			v.Kind = &structpb.Value_StringValue{StringValue: strings.Repeat("AAAA", len(v.GetStringValue())/4)} // Base64, as is all data.
		}
	}
	return out
}
