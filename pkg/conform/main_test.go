package conform

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	clear(waiting)
	os.Exit(m.Run())
}
