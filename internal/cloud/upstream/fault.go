package upstream

import (
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// fault is the exception that was answered; nil for success.
func (x *exchange) fault() *wire.Fault {
	switch {
	case x.err != nil || x.status == 0:
		return &wire.Fault{Code: "ServiceUnavailable", Message: "The endpoint that requests are passed on to did not answer.", Status: http.StatusBadGateway}
	case x.status < http.StatusBadRequest:
		return nil
	}
	code, message := exception(x.response.kept.Bytes(), x.response.contentType, x.errorType)
	code = cmp.Or(code, strings.ReplaceAll(http.StatusText(x.status), " ", ""), "UnknownError")
	if x.operation.Source == "ec2.amazonaws.com" { // whose records say whose fault it is
		code = blame(x.status) + "." + code
	}
	return &wire.Fault{Code: code, Message: message, Status: x.status}
}

func blame(status int) string {
	if status >= http.StatusInternalServerError {
		return "Server"
	}
	return "Client"
}

// exception reads code and message where the protocols put them: in the body,
// or the code in the header X-Amzn-Errortype.
func exception(data []byte, contentType, errorType string) (code, message string) {
	switch text := bytes.TrimSpace(data); {
	case isCBOR(contentType):
		members := cborTree(data)
		code, _ = members["__type"].(string)
		message, _ = members["message"].(string)
	case bytes.HasPrefix(text, []byte("<")):
		code, message = xmlException(text)
	case bytes.HasPrefix(text, []byte("{")):
		code, message = jsonException(text)
	}
	// The header may have ":http://…" after the code, and either may have a namespace before #.
	code, _, _ = strings.Cut(cmp.Or(errorType, code), ":")
	return code[strings.LastIndexByte(code, '#')+1:], message
}

func jsonException(data []byte) (code, message string) {
	var members map[string]json.RawMessage
	if json.Unmarshal(data, &members) != nil {
		return "", ""
	}
	text := func(names ...string) string {
		for _, name := range names {
			var s string
			if json.Unmarshal(members[name], &s) == nil {
				return s
			}
		}
		return ""
	}
	return text("__type", "code"), text("message", "Message")
}

// xmlException finds the first Code and Message, wherever they are.
func xmlException(data []byte) (code, message string) {
	d := xml.NewDecoder(bytes.NewReader(data))
	for code == "" || message == "" {
		token, err := d.Token()
		if err != nil {
			return code, message
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "Code" && start.Name.Local != "Message" {
			continue
		}
		var text string
		if d.DecodeElement(&text, &start) != nil {
			return code, message
		}
		if start.Name.Local == "Code" {
			code = cmp.Or(code, text)
		} else {
			message = cmp.Or(message, text)
		}
	}
	return code, message
}

// writeFault answers with a fault of our own.
func writeFault(w http.ResponseWriter, f *wire.Fault, query bool) {
	if query {
		w.Header().Set("Content-Type", "text/xml")
		w.WriteHeader(f.Status)
		fmt.Fprintf(w, "<ErrorResponse><Error><Type>Receiver</Type><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>", f.Code, f.Message)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Errortype", f.Code)
	w.WriteHeader(f.Status)
	fmt.Fprintf(w, `{"__type":%q,"message":%q}`, f.Code, f.Message)
}
