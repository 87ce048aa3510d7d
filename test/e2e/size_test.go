package e2e

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestSizeBelowUse asks for a size in which what runs has no room.
func TestSizeBelowUse(t *testing.T) {
	const ns, running = "shrink-dev", 21
	c := parse(t, storyOf("shrink"))
	spec(c)["size"] = "medium"
	submit(t, c)
	becomesReady(t, c)
	for i := range running {
		pod := &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: fmt.Sprintf("pod-%d", i)},
			Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "example.com/main"}}},
		}
		eventually(t, "start a pod", func() string { return say(plane.Client().Create(t.Context(), pod)) })
	}
	eventually(t, "the quota counts the pods", func() string {
		q := &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "environment"}}
		if missing := get(t, q); missing != "" {
			return missing
		}
		if used := q.Status.Used[corev1.ResourcePods]; used.Value() != running {
			return fmt.Sprintf("it counts %s", used.String())
		}
		return ""
	})

	change(t, c, func(spec map[string]any) { spec["size"] = "small" })
	says(t, c, fmt.Sprintf("would bound pods to 20, and %d are in use", running))
	if got := quota(t, ns)[corev1.ResourcePods]; got.Cmp(resource.MustParse("50")) != 0 {
		t.Errorf("the quota stays as it was, got %s", got.String())
	}
	change(t, c, func(spec map[string]any) { spec["size"] = "medium" })
	eventually(t, "take back the change", func() string {
		if missing := get(t, c); missing != "" {
			return missing
		}
		if got := c.GetCondition("Accepted").Status; got != corev1.ConditionTrue {
			return "Accepted is " + string(got) + ": " + c.GetCondition("Accepted").Message
		}
		return ""
	})
	remove(t, c)
}
