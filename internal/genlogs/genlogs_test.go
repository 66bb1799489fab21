package genlogs

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/klauspost/compress/gzip"
)

func TestTheSameArgumentsGiveTheSameBytes(t *testing.T) {
	var a, b, other bytes.Buffer
	for w, seed := range map[*bytes.Buffer]uint64{&a: 7, &b: 7, &other: 8} {
		if err := WriteFile(w, seed, 50, High); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two files of one seed differ")
	}
	if bytes.Equal(a.Bytes(), other.Bytes()) {
		t.Error("files of two seeds are equal")
	}
}

func TestRecordsAreOfTheStatedSize(t *testing.T) {
	for e, name := range map[Entropy]string{Low: "low", High: "high"} {
		var text, packed bytes.Buffer
		const records = 2000
		if err := WriteJSON(&text, 1, records, e); err != nil {
			t.Fatal(err)
		}
		w, _ := gzip.NewWriterLevel(&packed, 6)
		w.Write(text.Bytes())
		w.Close()
		var file struct{ Records []json.RawMessage }
		if err := json.Unmarshal(text.Bytes(), &file); err != nil || len(file.Records) != records {
			t.Fatalf("%s: %d records, %v", name, len(file.Records), err)
		}
		size := float64(text.Len()) / records
		t.Logf("%s: %.0f bytes a record, compressed %.1f times", name, size, float64(text.Len())/float64(packed.Len()))
		if size < 1836*0.95 || size > 1836*1.05 {
			t.Errorf("%s: %.0f bytes a record, want about 1836", name, size)
		}
	}
}
