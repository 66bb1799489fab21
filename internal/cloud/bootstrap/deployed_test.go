package bootstrap

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/trailhand/trailhand/internal/cloud/flows"
	"github.com/trailhand/trailhand/internal/cloud/functions"
)

func names() []string { return []string{"Reconciler", "Logparser", "Detector"} }

// moduleRoot is asked for before an object store changes the working directory.
func moduleRoot(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// built builds the functions as sam build does: into dir/<function>/bootstrap.
func built(t testing.TB, root, arch string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("skipped: building the functions takes a while")
	}
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("skipped: make is not installed")
	}
	dir := t.TempDir()
	for _, name := range names() {
		to := filepath.Join(dir, name)
		if err := os.Mkdir(to, 0o700); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), "make", "-C", root, "build-"+name, "ARTIFACTS_DIR="+to, "GOARCH="+arch)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("make build-%s: %v\n%s", name, err, out)
		}
	}
	return dir
}

// zipped is how large a function's package is.
func zipped(t *testing.T, path string) int {
	t.Helper()
	binary, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.DefaultCompression) })
	w, err := z.Create("bootstrap")
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Write(binary)
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

func TestAFunctionIsAtMost5MBZippedAndTheSameBytesFromAnotherFolder(t *testing.T) {
	root := moduleRoot(t)
	for _, arch := range []string{"arm64", "amd64"} {
		dir := built(t, root, arch)
		again := built(t, copied(t, root), arch)
		for _, name := range names() {
			path := filepath.Join(name, "bootstrap")
			if size := zipped(t, filepath.Join(dir, path)); size > 5_000_000 {
				t.Errorf("%s for %s has %d bytes zipped", name, arch, size)
			} else {
				t.Logf("%s for %s: %d bytes zipped", name, arch, size)
			}
			one, errOne := os.ReadFile(filepath.Join(dir, path))
			two, errTwo := os.ReadFile(filepath.Join(again, path))
			if err := errors.Join(errOne, errTwo); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(one, two) {
				t.Errorf("%s for %s: two builds differ", name, arch)
			}
		}
	}
}

// copied copies what the functions are built from to another folder.
func copied(t *testing.T, root string) string {
	t.Helper()
	to := t.TempDir()
	for _, name := range []string{"functions", "internal", "pkg", "examples"} {
		if err := os.CopyFS(filepath.Join(to, name), os.DirFS(filepath.Join(root, name))); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"Makefile", "go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(to, name), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// deployed sets up an account in which the binaries of dir run.
func deployed(t testing.TB, dir string) (*flows.Account, map[string]*running) {
	t.Helper()
	code, seen := map[string]functions.Function{}, map[string]*running{}
	for _, name := range names() {
		seen[name] = &running{}
		p, err := New(Config{Path: filepath.Join(dir, name, "bootstrap"), Output: t.Output(), Started: seen[name].started})
		if errors.Is(err, ErrOtherMachine) {
			t.Skipf("skipped: %v", err)
		}
		if err != nil {
			t.Fatal(err)
		}
		code[name] = p.Start
	}
	a, err := flows.Start(t.Context(), t.TempDir(), code, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return a, seen
}

func TestTheDeployedBinariesPlayEveryFlow(t *testing.T) {
	linux(t)
	root := moduleRoot(t)
	for _, arch := range []string{"amd64", "arm64"} {
		t.Run(arch, func(t *testing.T) {
			a, seen := deployed(t, built(t, root, arch))
			for _, flow := range a.Flows() {
				if err := flow.Play(t.Context()); err != nil {
					t.Errorf("%s: %v", flow.Name, err)
				}
			}
			for _, name := range names() {
				t.Logf("%s: init %v, peak %.0f MB", name, slices.Min(seen[name].inits).Round(time.Millisecond), seen[name].peak(t))
			}
		})
	}
}
