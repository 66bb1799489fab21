package logs

import (
	"context"
	"errors"
	"io"
	"strings"
)

// Bucket lists and reads S3.
type Bucket interface {
	// Page lists one page of a folder: the objects right in it, and the folders.
	// after is the Next of the page before, or empty; startAfter leaves out all
	// keys up to that one.
	Page(ctx context.Context, bucket, prefix, after, startAfter string) (Page, error)
	// Read opens an object as it is stored.
	Read(ctx context.Context, bucket, key string) (io.ReadCloser, error)
}

// Page is a part of a folder's listing, in the order of names.
type Page struct {
	Entries []Entry
	Next    string // names the next page; empty after the last one
}

// Entry is an object, or a folder: then its name ends in a slash.
type Entry struct {
	Name   string
	Folder bool
	Size   int64
}

// listAhead is how many folders beside one another are listed at once.
const listAhead = 8

// bucket yields the objects under s3://bucket/prefix in the order of their keys.
func (f *finding) bucket(url string) bool {
	name, prefix, _ := strings.Cut(strings.TrimPrefix(url, s3Scheme), "/")
	if name == "" {
		return f.yield(File{Name: url, Size: -1, Err: errors.New("there is no bucket in this URL")})
	}
	if f.seen(url) {
		return true
	}
	l := listing{finding: f, bucket: name, root: url}
	if Under(f.After, url) && !f.resumed {
		f.resumed = true
		l.start = strings.TrimPrefix(f.After, s3Scheme+name+"/")
	}
	more := l.folder(prefix, l.fetch(prefix))
	if more && prefix != "" && l.start == "" && !l.found {
		return l.yield(File{Name: url, Size: -1, Err: errors.New("there is no key that begins so")})
	}
	return more
}

// listing walks the folders of one bucket, and lists the next ones beside the
// one it is in ahead of time.
type listing struct {
	*finding
	bucket string
	start  string // keys up to this one are left out
	root   string // the argument
	found  bool   // something, wanted or not
}

// fetched is the first page of a folder, on its way.
type fetched struct {
	page Page
	err  error
}

// fetch lists the first page of a folder in the background.
func (l *listing) fetch(prefix string) <-chan fetched {
	ch := make(chan fetched, 1)
	go func() {
		page, err := l.Bucket.Page(l.ctx, l.bucket, prefix, "", l.start)
		ch <- fetched{page, err}
	}()
	return ch
}

// folder yields all that is in a folder.
func (l *listing) folder(prefix string, first <-chan fetched) bool {
	got := <-first
	for {
		l.found = l.found || got.err != nil || len(got.page.Entries) > 0
		if got.err != nil {
			return l.yield(File{Name: s3Scheme + l.bucket + "/" + prefix, Size: -1, Err: got.err})
		}
		if !l.entries(got.page.Entries) {
			return false
		}
		if got.page.Next == "" {
			return true
		}
		got.page, got.err = l.Bucket.Page(l.ctx, l.bucket, prefix, got.page.Next, l.start)
	}
}

// entries yields one page, its folders listed ahead.
func (l *listing) entries(all []Entry) bool {
	var folders []string
	for _, e := range all {
		if e.Folder && !l.outside(e.Name) {
			folders = append(folders, e.Name)
		}
	}
	ahead := make(map[string]<-chan fetched, listAhead)
	for _, e := range all {
		if !e.Folder {
			if !l.object(e) {
				return false
			}
			continue
		}
		if len(folders) == 0 || folders[0] != e.Name {
			continue // outside
		}
		for _, name := range folders[:min(len(folders), listAhead)] {
			if ahead[name] == nil {
				ahead[name] = l.fetch(name)
			}
		}
		first := ahead[e.Name]
		delete(ahead, e.Name)
		folders = folders[1:]
		if !l.folder(e.Name, first) {
			return false
		}
	}
	return true
}

// outside holds for a folder of which nothing is wanted.
func (l *listing) outside(folder string) bool {
	return l.Span.prunesFolder(folder) || folder < l.start && !strings.HasPrefix(l.start, folder)
}

func (l *listing) object(e Entry) bool {
	name := s3Scheme + l.bucket + "/" + e.Name
	if e.Name <= l.start || l.covered(name) {
		return true
	}
	file := File{Name: name, Size: e.Size, Open: func(ctx context.Context) (io.ReadCloser, error) {
		return l.Bucket.Read(ctx, l.bucket, e.Name)
	}}
	if name != l.root { // what is named is read whatever its name
		file.Skip = l.unwanted(file)
	}
	return l.yield(file)
}

// covered holds for an object that an earlier argument has had.
func (l *listing) covered(name string) bool {
	for earlier := range l.done {
		if IsS3(earlier) && earlier != l.root && strings.HasPrefix(name, earlier) {
			return true
		}
	}
	return false
}
