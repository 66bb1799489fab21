package upstream

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os/exec"
	"testing"
	"time"
)

// overMoto stands before moto's server, which is code that is independent of ours.
func overMoto(t *testing.T) *Upstream {
	t.Helper()
	path, err := exec.LookPath("moto_server")
	if err != nil {
		t.Skip("moto_server is not installed (pip install 'moto[server]')")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	server := exec.Command(path, "-H", "127.0.0.1", "-p", fmt.Sprint(port))
	if err := server.Start(); err != nil {
		t.Skipf("moto_server does not start: %v", err)
	}
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	u, err := New(Config{URL: fmt.Sprintf("http://127.0.0.1:%d", port), Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for range 200 {
		if answer, err := http.Get(u.url.String() + "/moto-api/"); err == nil {
			answer.Body.Close()
			return u
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Skip("moto_server does not answer")
	return nil
}
