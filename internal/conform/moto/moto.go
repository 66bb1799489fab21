// Package moto runs moto's server in tests: code that speaks for AWS and is
// independent of ours.
package moto

import (
	"net"
	"net/http"
	"os/exec"
	"strconv"
	"testing"
	"time"
)

// Start runs the server until the test ends, and gives its URL. Where it is not
// installed the test is skipped.
func Start(t testing.TB) (url string) {
	t.Helper()
	path, err := exec.LookPath("moto_server")
	if err != nil {
		t.Skip("moto_server is not installed (pip install 'moto[server]'): what it would say goes unchecked here")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().(*net.TCPAddr)
	_ = listener.Close()
	server := exec.Command(path, "-H", "127.0.0.1", "-p", strconv.Itoa(address.Port))
	if err := server.Start(); err != nil {
		t.Fatalf("moto_server does not start: %v", err)
	}
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	url = "http://" + address.String()
	for range 300 {
		if answer, err := http.Get(url + "/moto-api/"); err == nil {
			_ = answer.Body.Close()
			return url
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("moto_server does not answer in half a minute")
	return ""
}
