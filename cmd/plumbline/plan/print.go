package plan

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Print writes the plan in a format: text, markdown or json.
func (p Plan) Print(out io.Writer, format string) error {
	switch format {
	case "json":
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		return e.Encode(map[string]any{"claims": append([]Claim{}, p.Claims...), "summary": p.Summary(), "exitCode": p.ExitCode()})
	case "markdown":
		_, err := io.WriteString(out, p.markdown())
		return err
	default:
		_, err := io.WriteString(out, p.text())
		return err
	}
}

// order is how a summary counts: what is loud comes first.
var order = []struct {
	action Action
	mark   string
	words  string
}{
	{Destroy, "✗", "to DESTROY with what only they hold"},
	{Recreate, "✗", "to DESTROY and make anew"},
	{Collide, "!", "that others have"},
	{Delete, "-", "to delete"},
	{Retain, "○", "to leave in their system"},
	{Adopt, "»", "to take over"},
	{Create, "+", "to create"},
	{Change, "~", "to change"},
}

// Summary is the plan in a line.
func (p Plan) Summary() string {
	var parts []string
	count := p.count()
	for _, o := range order {
		if n := count[o.action]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, o.words))
		}
	}
	refused := 0
	for _, c := range p.Claims {
		if len(c.Refused) > 0 {
			refused++
		}
	}
	if refused > 0 {
		parts = append([]string{fmt.Sprintf("%d claims would be REFUSED", refused)}, parts...)
	}
	switch {
	case len(parts) > 0:
		return strings.Join(parts, ", ")
	case p.Empty():
		return fmt.Sprintf("Nothing changes for %d claims", len(p.Claims))
	default:
		return "Only tags and claims change"
	}
}

func (p Plan) text() string {
	var b strings.Builder
	for _, c := range p.Claims {
		if c.Action == None && len(c.Refused) == 0 {
			continue
		}
		fmt.Fprintf(&b, "%s (%s): %s\n", c.Title, c.File, c.Action)
		for _, line := range c.lines() {
			fmt.Fprintf(&b, "  %s\n", line)
		}
		b.WriteString("\n")
	}
	return b.String() + p.Summary() + "\n"
}

// lines tell of a claim, what is loud first.
func (c Claim) lines() []string {
	var lines []string
	for _, r := range c.Refused {
		lines = append(lines, "! REFUSED: "+r)
	}
	for _, o := range order {
		for _, r := range c.Resources {
			if r.Action != o.action {
				continue
			}
			lines = append(lines, strings.TrimRight(fmt.Sprintf("%s %s %s  %s", o.mark, r.loud(), r.title(), r.Note), " "))
			for _, f := range r.Fields {
				lines = append(lines, "    "+f.line())
			}
		}
	}
	for _, f := range c.Tags {
		lines = append(lines, "# tag "+f.line())
	}
	for _, n := range c.Notes {
		lines = append(lines, "# "+n)
	}
	return lines
}

func (r Resource) loud() string {
	if r.Action == Destroy || r.Action == Recreate || r.Action == Collide {
		return strings.ToUpper(string(r.Action))
	}
	return string(r.Action)
}

func (r Resource) title() string {
	if r.Namespace == "" {
		return r.Kind + " " + r.Name
	}
	return r.Kind + " " + r.Namespace + "/" + r.Name
}

func (f Field) line() string {
	switch {
	case f.From == nil:
		return fmt.Sprintf("%s: %s", f.Path, value(f.To))
	case f.To == nil:
		return fmt.Sprintf("%s: %s → removed", f.Path, value(f.From))
	default:
		return fmt.Sprintf("%s: %s → %s", f.Path, value(f.From), value(f.To))
	}
}

func value(v any) string {
	if s, ok := v.(string); ok && s != "" {
		return s
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

// Marker begins a comment on a pull request, so that a later run finds it again.
const Marker = "<!-- plumbline plan -->"

// markdown is a comment on a pull request. What is lost stands above all else, and
// each claim can be unfolded.
func (p Plan) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n## Plumbline plan\n\n**%s**\n", Marker, p.Summary())
	if lost := p.lost(); len(lost) > 0 {
		b.WriteString("\n> [!CAUTION]\n> This cannot be undone:\n")
		for _, line := range lost {
			fmt.Fprintf(&b, "> - %s\n", inline(line))
		}
	}
	for _, c := range p.Claims {
		if c.Action == None && len(c.Refused) == 0 {
			continue
		}
		open := ""
		if len(c.Refused) > 0 || c.destroys() {
			open = " open"
		}
		fmt.Fprintf(&b, "\n<details%s><summary><code>%s</code>: %s</summary>\n\n", open, escape(c.Title), c.Action)
		if len(c.Quota) > 0 {
			b.WriteString("| quota | now | then |\n| --- | --- | --- |\n")
			for _, f := range c.Quota {
				fmt.Fprintf(&b, "| %s | %s | %s |\n", cell(f.Path), cell(value(f.From)), cell(value(f.To)))
			}
			b.WriteString("\n")
		}
		b.WriteString("````diff\n")
		for _, line := range c.lines() {
			b.WriteString(diffLine(line) + "\n")
		}
		b.WriteString("````\n</details>\n")
	}
	return b.String()
}

// lost are the objects that a claim cannot bring back.
func (p Plan) lost() []string {
	var lines []string
	for _, c := range p.Claims {
		for _, r := range c.Resources {
			if r.Action == Destroy || r.Action == Recreate {
				lines = append(lines, strings.TrimRight(fmt.Sprintf("%s %s of %s", r.title(), r.Note, c.Title), " "))
			}
		}
	}
	return lines
}

func (c Claim) destroys() bool { return len(Plan{Claims: []Claim{c}}.lost()) > 0 }

// diffLine colours a line: what goes is red, what comes is green.
func diffLine(line string) string {
	for mark, colour := range map[string]string{"✗": "-", "!": "-", "-": "-", "+": "+", "»": "+", "~": "!", "○": " ", "#": "#"} {
		if rest, ok := strings.CutPrefix(line, mark+" "); ok {
			return colour + " " + fenced(rest)
		}
	}
	return "  " + fenced(line)
}

// fenced keeps a text from ending the block it stands in.
func fenced(s string) string { return strings.ReplaceAll(s, "````", "'```") }

func inline(s string) string { return "`" + strings.ReplaceAll(s, "`", "'") + "`" }

func cell(s string) string { return strings.ReplaceAll(inline(s), "|", `\|`) }

func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
