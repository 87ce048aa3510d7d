// Command coredns is CoreDNS with no more than the plugins by which it answers
// from the records that ExternalDNS keeps in etcd. Its own main package has
// fifty more, which would cost minutes to build.
package main

import (
	"github.com/coredns/coredns/coremain"

	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/etcd"
	_ "github.com/coredns/coredns/plugin/log"
)

func main() { coremain.Run() }
