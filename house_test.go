package trailhand

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const (
	maxFileLines     = 300
	maxFunctionLines = 40
)

// longer names the functions and files that are longer than the house allows, and why.
func longer() map[string]string {
	return map[string]string{}
}

// global names the variables of packages that may be, and why.
func global() map[string]string {
	return map[string]string{
		"internal/cloud/buckets/gateway.go running": "versitygw allows one gateway in a process",
	}
}

// sources calls visit for each Go file that is not a test.
func sources(t *testing.T, visit func(path string, lines int, file *ast.File, fset *token.FileSet)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != "." {
			return errOrSkip(err)
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, text, parser.ParseComments)
		if err != nil {
			return err
		}
		visit(path, strings.Count(string(text), "\n"), file, fset)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func errOrSkip(err error) error {
	if err != nil {
		return err
	}
	return fs.SkipDir
}

func TestFilesAndFunctionsAreShort(t *testing.T) {
	sources(t, func(path string, lines int, file *ast.File, fset *token.FileSet) {
		if lines > maxFileLines && longer()[path] == "" && !ast.IsGenerated(file) {
			t.Errorf("%s has %d lines, more than %d", path, lines, maxFileLines)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			n := fset.Position(f.End()).Line - fset.Position(f.Pos()).Line + 1
			if n > maxFunctionLines && longer()[path+" "+f.Name.Name] == "" && !ast.IsGenerated(file) {
				t.Errorf("%s: %s has %d lines, more than %d", path, f.Name.Name, n, maxFunctionLines)
			}
		}
	})
}

func TestThereAreNoInitsAndNoGlobals(t *testing.T) {
	sources(t, func(path string, _ int, file *ast.File, fset *token.FileSet) {
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.Name == "init" && d.Recv == nil {
					t.Errorf("%s has an init", path)
				}
			case *ast.GenDecl:
				if d.Tok != token.VAR {
					continue
				}
				for _, s := range d.Specs {
					if v := s.(*ast.ValueSpec); !constant(d, v) && global()[path+" "+v.Names[0].Name] == "" {
						t.Errorf("%s: %s is a global", fset.Position(v.Pos()), v.Names[0].Name)
					}
				}
			}
		}
	})
}

// constant holds for what only the language keeps from being a const: error
// values, embedded files, and checks that a type implements an interface.
func constant(d *ast.GenDecl, v *ast.ValueSpec) bool {
	name := v.Names[0].Name
	embedded := d.Doc != nil && strings.Contains(d.Doc.Text()+commentText(d.Doc), "go:embed")
	return name == "_" || embedded || strings.HasPrefix(name, "Err") || strings.HasPrefix(name, "err")
}

func commentText(c *ast.CommentGroup) string {
	var b strings.Builder
	for _, l := range c.List {
		b.WriteString(l.Text)
	}
	return b.String()
}

func TestTheVariablesOfTheTestsAreDocumented(t *testing.T) {
	guide, err := os.ReadFile("CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	read := regexp.MustCompile(`os\.Getenv\("(TRAILHAND_\w+)"\)`)
	err = filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range read.FindAllSubmatch(text, -1) {
			if !strings.Contains(string(guide), "`"+string(m[1])+"=") {
				t.Errorf("%s reads %s, of which CONTRIBUTING.md says nothing", path, m[1])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheMakeCommandsOfTheDocumentsExist(t *testing.T) {
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("skipped: make is not installed")
	}
	command := regexp.MustCompile("(?:    |`)make ([a-z][A-Za-z-]*)")
	for _, doc := range []string{"README.md", "CONTRIBUTING.md"} {
		text, err := os.ReadFile(doc)
		if err != nil {
			t.Fatal(err)
		}
		found := command.FindAllStringSubmatch(string(text), -1)
		if len(found) == 0 {
			t.Errorf("%s names no make command", doc)
		}
		for _, m := range found {
			if out, err := exec.Command("make", "-n", m[1]).CombinedOutput(); err != nil {
				t.Errorf("%s: make %s: %v\n%s", doc, m[1], err, out)
			}
		}
	}
}
