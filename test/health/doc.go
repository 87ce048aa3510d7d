// Package health shows claims and managed resources, in health and in every trouble of
// docs/faults.md, to those who judge them: Argo CD's own reading of its ConfigMap with
// its own Lua engine, and Flux' own expressions and kstatus.
//
// It is a module of its own, because nothing else needs Argo CD and Flux. What the
// judges are shown, testdata, the end-to-end tests capture on a control plane.
package health
