package logs

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Sources is where log files are looked for.
type Sources struct {
	Paths  []string // files, folders, globs, s3://bucket/prefix, or "-"
	Stdin  io.Reader
	Bucket Bucket // for s3:// paths
	Span   Span
	After  string // an s3:// name: begin behind it, and leave out the paths before the one it is under
	Digest bool   // look for digest files, and for nothing else
}

const s3Scheme = "s3://"

// IsS3 says whether a path is in S3.
func IsS3(path string) bool { return strings.HasPrefix(path, s3Scheme) }

// Files gives what is found, in order, each once. What cannot be found is given
// as a File with Err.
func (s *Sources) Files(ctx context.Context) iter.Seq[File] {
	return func(yield func(File) bool) {
		f := finding{Sources: s, ctx: ctx, yield: yield, done: map[string]bool{}}
		for _, path := range s.left() {
			if !f.path(path) {
				return
			}
		}
	}
}

// left gives the paths from the one that After is under: those before it were read.
func (s *Sources) left() []string {
	if i := slices.IndexFunc(s.Paths, func(path string) bool { return Under(s.After, path) }); i >= 0 {
		return s.Paths[i:]
	}
	return s.Paths
}

// Under says whether an s3:// name is in the bucket, and begins with the prefix,
// of another.
func Under(name, path string) bool {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(name, s3Scheme), "/")
	in, prefix, _ := strings.Cut(strings.TrimPrefix(path, s3Scheme), "/")
	return IsS3(name) && IsS3(path) && bucket == in && strings.HasPrefix(key, prefix)
}

// finding is one run of Files. Its methods say whether to go on.
type finding struct {
	*Sources
	ctx     context.Context
	yield   func(File) bool
	resumed bool            // After was left behind
	done    map[string]bool // arguments that were walked: absolute paths and s3:// names
}

func (f *finding) path(path string) bool {
	switch {
	case path == "-":
		if f.seen(path) {
			return true
		}
		return f.yield(File{Name: "-", Size: -1, Open: func(ctx context.Context) (io.ReadCloser, error) { return newStdin(ctx, f.Stdin), nil }})
	case IsS3(path):
		return f.bucket(path)
	}
	_, err := os.Stat(path)
	if err == nil {
		return f.root(path)
	}
	names, globErr := filepath.Glob(path)
	if globErr != nil {
		err = fmt.Errorf("glob %q: %w", path, globErr)
	}
	if len(names) == 0 {
		return f.yield(File{Name: path, Size: -1, Err: err})
	}
	for _, name := range names {
		if !f.root(name) {
			return false
		}
	}
	return true
}

// seen notes an argument, and says whether it was there before.
func (f *finding) seen(name string) bool {
	was := f.done[name]
	f.done[name] = true
	return was
}

// root walks one file or folder of the arguments.
func (f *finding) root(root string) bool {
	abs, err := filepath.Abs(root)
	if err != nil {
		return f.yield(File{Name: root, Size: -1, Err: err})
	}
	for dir := abs; ; dir = filepath.Dir(dir) {
		if f.done[dir] {
			return true
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	more := f.walk(root, abs)
	f.done[abs] = true
	return more
}

// walk yields what is under root. abs is its absolute path.
func (f *finding) walk(root, abs string) bool {
	info, err := os.Stat(root)
	if err != nil || !info.IsDir() {
		return f.yield(f.local(root, info, err))
	}
	return f.folder(root, abs)
}

// folder yields what is in a folder, in the order of S3's keys, in which a
// folder's name ends in a slash.
func (f *finding) folder(path, abs string) bool {
	if f.Span.prunesFolder(filepath.ToSlash(path)) {
		return true
	}
	entries, err := os.ReadDir(path)
	if err != nil && !f.yield(File{Name: path, Size: -1, Err: err}) {
		return false
	}
	slices.SortFunc(entries, func(a, b os.DirEntry) int { return strings.Compare(keyOf(a), keyOf(b)) })
	for _, d := range entries {
		below, absBelow := filepath.Join(path, d.Name()), filepath.Join(abs, d.Name())
		more := f.ctx.Err() == nil
		switch {
		case f.done[absBelow]: // an earlier argument had it
		case d.IsDir():
			more = more && f.folder(below, absBelow)
		default:
			more = more && f.yield(f.entry(below))
		}
		if !more {
			return false
		}
	}
	return true
}

func keyOf(d os.DirEntry) string {
	if d.IsDir() {
		return d.Name() + "/"
	}
	return d.Name()
}

// entry is something in a folder.
func (f *finding) entry(path string) File {
	info, err := os.Stat(path)
	file := f.local(path, info, err)
	if err == nil {
		file.Skip = f.unwanted(file)
		if !info.Mode().IsRegular() {
			file.Skip = "not a regular file"
		}
	}
	return file
}

// unwanted says why something that was not named itself is left out.
func (f *finding) unwanted(file File) string {
	why := foreign(file.Name)
	if f.Digest {
		why = "not a digest file"
		if foreign(file.Name) == "a digest file" {
			why = ""
		}
	}
	if why == "" {
		why = f.Span.prune(file)
	}
	return why
}

func (f *finding) local(path string, info os.FileInfo, err error) File {
	if err != nil {
		return File{Name: path, Size: -1, Err: err}
	}
	return File{Name: path, Size: info.Size(), Open: func(context.Context) (io.ReadCloser, error) { return os.Open(path) }}
}
