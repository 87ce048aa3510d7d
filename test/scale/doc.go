// Package scale measures a whole control plane with many environments on it.
//
// Claims are a mix as a company has it: six in ten are the minimal example, three the
// one of a web application, one that of production; see Mix. They are committed in
// waves, and each wave is measured by itself, so that it shows whether a claim costs
// more when there are many. What the engine itself costs is measured in the same run:
// as many objects of no meaning, composed by a function of no work; see floor.go.
//
// Counts are read where they arise: writes from the API server's audit log, calls and
// passes from Crossplane's metrics, requests from the stand-ins, CPU and memory from
// the operating system. Each stage is recorded when it ends, so a run that was
// interrupted goes on where it stopped.
//
// Not real: the machine runs everything, so programs wait for each other's CPU; etcd
// does not wait for its disk; no Pod runs.
package scale
