package engine

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// patience is far longer than a node takes to start.
const patience = 90 * time.Second

// Names of the engines there are.
const (
	Elasticsearch = "elasticsearch"
	OpenSearch    = "opensearch"
)

// A Node is a running engine. Its data ends with it.
type Node struct {
	// URL is where it serves, without TLS and to anybody on this machine.
	URL string

	home  string
	cmd   *exec.Cmd
	stdin io.Closer
}

// Start fetches an engine, unless that was done before, and starts a node of it.
// Root is that of the repository.
func Start(ctx context.Context, root, name string) (*Node, error) {
	if err := Missing(); err != nil {
		return nil, err
	}
	root, err := filepath.Abs(root) // Maven takes others for relative to the pom.xml.
	if err != nil {
		return nil, err
	}
	source := filepath.Join(root, "test", "engine", name)
	jars := filepath.Join(root, ".cache", "engine", name)
	if err := fetch(ctx, source, jars); err != nil {
		return nil, fmt.Errorf("cannot fetch %s: %w", name, err)
	}
	home, err := os.MkdirTemp(filepath.Join(root, ".cache", "engine"), name+"-")
	if err != nil {
		return nil, err
	}
	n := &Node{home: home}
	if err := n.start(ctx, source, jars); err != nil {
		return nil, errors.Join(fmt.Errorf("cannot start %s: %w", name, err), n.Stop())
	}
	return n, nil
}

// Environ is what tells tests of a node.
func (n *Node) Environ(name string) []string {
	return []string{nameVariable + "=" + name, urlVariable + "=" + n.URL}
}

// Missing returns which program an engine lacks on this machine.
func Missing() error {
	for _, program := range []string{"java", "mvn"} {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("a real engine needs Java 17 and Maven: %w", err)
		}
	}
	return nil
}

func (n *Node) start(ctx context.Context, source, jars string) error {
	if err := furnish(n.home, source, jars); err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(n.home, "engine.log"))
	if err != nil {
		return err
	}
	defer log.Close()                        //nolint:errcheck // The child holds its own descriptor.
	n.cmd = exec.CommandContext(ctx, "java", //nolint:gosec // Its arguments are ours.
		"-Xmx512m", "-XX:TieredStopAtLevel=1", "-Dlog4j2.disable.jmx=true",
		"-cp", filepath.Join(n.home, "lib", "*"), filepath.Join(source, "Engine.java"), n.home)
	n.cmd.Stderr = log
	stdout, err := n.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if n.stdin, err = n.cmd.StdinPipe(); err != nil {
		return err
	}
	if err := n.cmd.Start(); err != nil {
		return err
	}
	address, err := served(io.TeeReader(stdout, log))
	if err != nil {
		return fmt.Errorf("%w\n%s", err, tail(log.Name()))
	}
	n.URL = "http://" + address
	return nil
}

// served returns the address that a node says it serves at, and reads on what it
// says after that.
func served(stdout io.Reader) (string, error) {
	said := make(chan string, 1)
	go func() {
		defer close(said)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			if address, ok := strings.CutPrefix(lines.Text(), "serves "); ok {
				said <- address
			}
		}
	}()
	select {
	case address, ok := <-said:
		if !ok {
			return "", errors.New("it ended before it served")
		}
		return address, nil
	case <-time.After(patience):
		return "", fmt.Errorf("it does not serve after %s", patience)
	}
}

// Stop ends a node and forgets its data.
func (n *Node) Stop() error {
	if n.cmd != nil && n.cmd.Process != nil {
		_ = n.stdin.Close() // It ends when its input does.
		ended := time.AfterFunc(patience/3, func() { _ = n.cmd.Process.Kill() })
		_ = n.cmd.Wait()
		ended.Stop()
	}
	return os.RemoveAll(n.home)
}

func tail(log string) string {
	b, err := os.ReadFile(log) //nolint:gosec // It is the log that was just written.
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}
