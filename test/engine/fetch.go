package engine

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// copyJars has Maven resolve a pom.xml and copy what it names. Its version is pinned
// as that of what it copies.
const copyJars = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"

// A jar of an engine.
type jar struct {
	sum  string // SHA-256 in hexadecimal digits.
	path string // Where it goes in the home of a node.
}

// fetch puts the jars of an engine into a folder, unless they are there.
func fetch(ctx context.Context, source, into string) error {
	if check(source, into) == nil {
		return nil
	}
	if err := os.RemoveAll(into); err != nil {
		return err
	}
	// -C: a jar that its own checksum does not fit is no jar.
	cmd := exec.CommandContext(ctx, "mvn", "-q", "-B", "-C", "-f", filepath.Join(source, "pom.xml"), copyJars, "-DoutputDirectory="+into) //nolint:gosec // Its arguments are ours.
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, bytes.TrimSpace(out))
	}
	return check(source, into)
}

// check holds the jars in a folder to their checksums.
func check(source, folder string) error {
	jars, err := list(source)
	if err != nil {
		return err
	}
	var wrong []error
	for _, j := range jars {
		b, err := os.ReadFile(filepath.Join(folder, filepath.Base(j.path))) //nolint:gosec // The list is in the repository.
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != j.sum {
			wrong = append(wrong, fmt.Errorf("%s is not the one whose checksum is in %s", filepath.Base(j.path), source))
		}
	}
	return errors.Join(wrong...)
}

// list reads checksums.txt, which has the form of sha256sum.
func list(source string) ([]jar, error) {
	f, err := os.Open(filepath.Join(source, "checksums.txt")) //nolint:gosec // It is in the repository.
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // It is only read.
	var jars []jar
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		sum, path, ok := strings.Cut(lines.Text(), "  ")
		if !ok {
			return nil, fmt.Errorf("cannot read checksum %q", lines.Text())
		}
		jars = append(jars, jar{sum, path})
	}
	return jars, lines.Err()
}

// furnish makes the home of a node, with its jars where it looks for them.
func furnish(home, source, jars string) error {
	wanted, err := list(source)
	if err != nil {
		return err
	}
	for _, folder := range []string{"config", "logs"} {
		if err := os.MkdirAll(filepath.Join(home, folder), 0o750); err != nil {
			return err
		}
	}
	for _, j := range wanted {
		to := filepath.Join(home, j.path)
		if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
			return err
		}
		if err := os.Link(filepath.Join(jars, filepath.Base(j.path)), to); err != nil {
			return err
		}
	}
	return nil
}
