package controlplane

import "syscall"

// childAttributes puts a child into a process group of its own, so that Ctrl-C
// reaches the supervisor alone and it can stop its children in order. Should the
// supervisor be killed, Linux ends the child.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
