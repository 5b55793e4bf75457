package corpus

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// testdata/v1 and its like are corpora as the first release of each format
// version wrote them. Do not change them: they are what users have on disk. A
// new version adds one.
func TestEachVersionStaysReadable(t *testing.T) {
	for version, dir := range map[int]string{Version1: "v1"} {
		dir = filepath.Join("testdata", dir)
		checkClean(t, dir)
		c, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		m := c.Manifest()
		if m.FormatVersion != version {
			t.Errorf("%s is of version %d", dir, m.FormatVersion)
		}
		for i := range m.Segments {
			data, err := c.ReadSegment(uint64(i), otlp.SignalTraces)
			if err != nil || uint64(len(data)) != m.Segments[i].Files[0].Bytes {
				t.Errorf("%s: segment %d: %d bytes, %v", dir, i, len(data), err)
			}
		}
	}
}

// What is written today is, in content, what version 1 has always been.
func TestVersion1IsWrittenAsEver(t *testing.T) {
	o := options(t.TempDir(), testHeader(5, 2))
	mustWrite(t, o)
	want, err := os.ReadFile(filepath.Join("testdata", "v1", ManifestFile))
	if err != nil {
		t.Fatal(err)
	}
	if got := files(t, o.Dir)[ManifestFile]; !bytes.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
