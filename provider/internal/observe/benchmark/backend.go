package main

import (
	"bufio"
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"

	elasticsearch "github.com/plumbline-dev/plumbline/test/standins/elasticsearch"
	"github.com/plumbline-dev/plumbline/test/standins/faults"
	graph "github.com/plumbline-dev/plumbline/test/standins/graph"
)

const (
	tenant = "11111111-1111-1111-1111-111111111111"
	app    = "22222222-2222-2222-2222-222222222222"
)

// An address says where the stand-ins of a process are.
type address struct {
	Elasticsearch string `json:"elasticsearch"`
	Graph         string `json:"graph"`
	CA            string `json:"ca"`
}

// serve runs the stand-ins until standard input ends. Elasticsearch has the queue and the
// threads of a node with two cores. Graph throttles from the beginning, so making groups
// takes its time too.
func serve() {
	es := httptest.NewServer(faults.New(elasticsearch.New(elasticsearch.Options{Username: "u", Password: "p", Pool: elasticsearch.TwoCores()})))
	throttling := faults.New(graph.New(graph.Options{TenantID: tenant, ClientID: app, ClientSecret: "s", ResourceUnits: graph.LargeTenant}))
	ms := httptest.NewTLSServer(throttling)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ms.Certificate().Raw})
	if err := json.NewEncoder(os.Stdout).Encode(address{Elasticsearch: es.URL, Graph: ms.URL, CA: string(ca)}); err != nil {
		return
	}
	_, _ = bufio.NewReader(os.Stdin).ReadByte() // Whoever started this process has ended.
}

// start starts the stand-ins in a process of their own.
func start(ctx context.Context) (address, func(), error) {
	c := exec.CommandContext(ctx, os.Args[0], "serve") //nolint:gosec // It is this program.
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		return address{}, nil, err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return address{}, nil, err
	}
	if err := c.Start(); err != nil {
		return address{}, nil, err
	}
	stop := func() {
		_ = in.Close() // It ends by this.
		_ = c.Wait()
	}
	var a address
	if err := json.NewDecoder(out).Decode(&a); err != nil {
		stop()
		return address{}, nil, fmt.Errorf("cannot start stand-ins: %w", err)
	}
	return a, stop, nil
}

// asked returns how many requests a stand-in had since it was last asked.
func asked(ctx context.Context, c *http.Client, url string) (int, error) {
	var record faults.Record
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		r, err := http.NewRequestWithContext(ctx, method, url+"/_standin/requests", nil)
		if err != nil {
			return 0, err
		}
		rsp, err := c.Do(r)
		if err != nil {
			return 0, err
		}
		if method == http.MethodGet {
			err = json.NewDecoder(rsp.Body).Decode(&record)
		}
		_ = rsp.Body.Close() // It was read.
		if err != nil {
			return 0, err
		}
	}
	return record.Total, nil
}
