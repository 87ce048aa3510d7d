package main

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// lookAtPods returns the ReplicaSets of an environment whose pods the API server refuses,
// as when the quota has less left than they need. Only the person who asks looks: a
// control plane that did would watch every ReplicaSet of every team, and have every
// rollout expand a claim anew.
func lookAtPods(ctx context.Context, plane dynamic.Interface, s situation) ([]v1alpha1.ResourceStatus, error) {
	if s.status.Namespace == "" || s.deleting {
		return nil, nil
	}
	list, err := plane.Resource(appsv1.SchemeGroupVersion.WithResource("replicasets")).Namespace(s.status.Namespace).List(ctx, metav1.ListOptions{})
	if unseen(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot list replicasets in namespace %q: %w", s.status.Namespace, err)
	}
	var blocked []v1alpha1.ResourceStatus
	for _, item := range list.Items {
		for _, c := range situationOf(item).conditions {
			if c.kind == string(appsv1.ReplicaSetReplicaFailure) && c.status == "True" {
				blocked = append(blocked, v1alpha1.ResourceStatus{
					Kind: "ReplicaSet", Name: item.GetName(), State: v1alpha1.ResourceFailed, Reason: c.reason, Message: c.message, WhoFixes: v1alpha1.FixerDeveloper,
				})
			}
		}
	}
	return blocked, nil
}
