package buckets

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
	"github.com/versity/versitygw/s3api"

	"github.com/trailhand/trailhand/internal/cloud/sigv4"
)

const (
	gatewayRegion = "us-east-1" // the one Region that the gateway knows; ours are kept beside it
	gatewayHost   = "s3.localhost"
	socket        = "../s3.sock" // relative to the objects: the path of a socket is limited to about 100 bytes
	maxConns      = 4096
	maxParts      = 10000
	maxCopyBytes  = 5 << 30
)

// running stands for what a process has but one of: versitygw, and the working directory
// in which it works.
var running atomic.Bool //nolint:gochecknoglobals // so is what it guards

// ErrRunning says that another Start in this process has not been closed yet.
var ErrRunning = errors.New("the process has an object store already")

// gateway is the running versitygw: the only one of the process.
type gateway struct {
	key       sigv4.Key // root's
	transport *http.Transport
	formerDir string
	stop      context.CancelFunc
	done      chan error // gets the gateway's error when it has ended
}

// startGateway serves the objects under dir and returns when the gateway answers.
func startGateway(ctx context.Context, dir string, root sigv4.Key) (*gateway, error) {
	if !running.CompareAndSwap(false, true) {
		return nil, ErrRunning
	}
	formerDir, err := os.Getwd()
	if err != nil {
		running.Store(false)
		return nil, fmt.Errorf("starting the object store: %w", err)
	}
	g := &gateway{key: root, formerDir: formerDir, done: make(chan error, 1), transport: newTransport()}
	if err := g.start(ctx, dir); err != nil {
		return nil, errors.Join(fmt.Errorf("starting the object store in %q: %w", dir, err), g.leave())
	}
	return g, nil
}

func (g *gateway) start(ctx context.Context, dir string) error {
	backend, err := openObjects(dir)
	if err != nil {
		return err
	}
	runCtx, stop := context.WithCancel(context.WithoutCancel(ctx))
	g.stop = stop
	listening := make(chan struct{})
	go func() {
		g.done <- embedgw.RunVersityGW(runCtx, backend, gatewayConfig(g.key, func() { close(listening) }))
	}()
	// Not even ctx ends the wait, of some milliseconds: a gateway that is stopped before it
	// listens may still make its socket, in whatever directory the process is then.
	select {
	case <-listening:
		return nil
	case err := <-g.done:
		stop()
		return err
	}
}

// openObjects opens the folder of the objects. It changes the process's working
// directory, in which versitygw's posix backend does all its work.
func openObjects(dir string) (*posix.Posix, error) {
	objects, versions := filepath.Join(dir, "objects"), filepath.Join(dir, "versions")
	for _, d := range []string{objects, versions} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, err
		}
	}
	if err := os.Remove(filepath.Join(objects, socket)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	store, err := openMetadata(dir, objects)
	if err != nil {
		return nil, err
	}
	var backend *posix.Posix
	err = silently(func() (err error) {
		backend, err = posix.New(objects, store, posix.PosixOpts{VersioningDir: versions, CopyObjectThreshold: maxCopyBytes})
		return err
	})
	return backend, err
}

// openMetadata keeps the attributes of objects in extended attributes where the file
// system has them, else in files beside the objects.
func openMetadata(dir, objects string) (meta.MetadataStorer, error) {
	xattr := meta.XattrMeta{}
	if xattr.Test(objects) == nil {
		return xattr, nil
	}
	attributes := filepath.Join(dir, "attributes")
	if err := os.MkdirAll(attributes, 0o700); err != nil {
		return nil, err
	}
	return meta.NewSideCar(attributes)
}

// silently runs f with no standard output: posix.New prints its settings there.
func silently(f func() error) error {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer func() { _ = null.Close() }()
	stdout := os.Stdout
	os.Stdout = null
	defer func() { os.Stdout = stdout }()
	return f()
}

func gatewayConfig(root sigv4.Key, onListen func()) *embedgw.Config {
	return &embedgw.Config{
		RootUserAccess:    root.AccessKeyID,
		RootUserSecret:    root.SecretAccessKey,
		Region:            gatewayRegion,
		Ports:             []string{socket},
		SocketPerm:        "0600",
		MaxConnections:    maxConns,
		MaxRequests:       maxConns,
		MultipartMaxParts: maxParts,
		KeepAlive:         true,
		Quiet:             true,
		IAMService:        auth.NewIAMServiceSingle(auth.Account{Access: root.AccessKeyID, Secret: root.SecretAccessKey, Role: auth.RoleAdmin}),
		S3Options:         []s3api.Option{s3api.WithOnListen(onListen)},
	}
}

func newTransport() *http.Transport {
	var d net.Dialer
	return &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return d.DialContext(ctx, "unix", socket)
		},
		DisableCompression:  true,
		MaxIdleConnsPerHost: 64,
		IdleConnTimeout:     time.Minute,
	}
}

// request makes a request in path style, yet to be given a body and sent.
func (g *gateway) request(ctx context.Context, method, path string, query url.Values, header http.Header) *http.Request {
	if header == nil {
		header = make(http.Header)
	}
	u := &url.URL{Scheme: "http", Host: gatewayHost, Path: path, RawPath: sigv4.EscapePath(path), RawQuery: sigv4.EscapeQuery(query)}
	r := &http.Request{Method: method, URL: u, Host: gatewayHost, Header: header}
	return r.WithContext(ctx)
}

// send signs a request and sends it. The gateway compares the time with the machine's.
func (g *gateway) send(r *http.Request, payloadHash string) (*http.Response, error) {
	sigv4.Sign(r, g.key, gatewayRegion, "s3", payloadHash, time.Now())
	resp, err := g.transport.RoundTrip(r)
	if err != nil {
		return nil, fmt.Errorf("asking the object store: %w", err)
	}
	for name, values := range resp.Header {
		resp.Header[name] = slices.Compact(values) // versitygw sends some headers twice
	}
	return resp, nil
}

// close stops the gateway and returns to the directory from before its start.
func (g *gateway) close() error {
	g.transport.CloseIdleConnections()
	g.stop()
	return errors.Join(<-g.done, g.leave())
}

// leave gives the process back what the gateway had of it.
func (g *gateway) leave() error {
	defer running.Store(false)
	return os.Chdir(g.formerDir)
}
