package door

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// Patience is how long a client may let us wait for the next part of a request.
const Patience = 30 * time.Second

// patient is the body of a request from which each read must bring something
// in time, however long the whole takes: a client that sends half of it and
// then nothing holds neither connection nor memory.
type patient struct {
	io.ReadCloser
	connection *http.ResponseController
	patience   time.Duration
}

// WaitFor gives a request's body with an end to the patience.
func WaitFor(w http.ResponseWriter, r *http.Request, patience time.Duration) io.ReadCloser {
	if r.Body == http.NoBody {
		return r.Body
	}
	return patient{r.Body, http.NewResponseController(w), patience}
}

// Read implements io.Reader.
func (b patient) Read(p []byte) (int, error) {
	_ = b.connection.SetReadDeadline(time.Now().Add(b.patience)) // a connection without deadlines is a test's
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) { // what follows is the answer, which may take its time
		_ = b.connection.SetReadDeadline(time.Time{})
	}
	return n, err
}
