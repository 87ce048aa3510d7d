//go:build !linux

package controlplane

import "syscall"

// childAttributes puts a child into a process group of its own, so that Ctrl-C
// reaches the supervisor alone and it can stop its children in order. Only Linux
// can end a child whose supervisor was killed.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
