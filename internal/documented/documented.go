// Package documented reads what the pages of docs promise, for tests that hold the
// pages to the code.
//
//	if got, want := documented.Names(t, "commands.md", "finding"), documented.Fields[Finding](); !slices.Equal(got, want) {
package documented

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// Page returns a page by its name in docs.
func Page(t testing.TB, name string) string {
	t.Helper()
	dir, err := os.Getwd() // of the package that is tested
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("the test does not run within the module")
		}
		dir = filepath.Dir(dir)
	}
	data, err := os.ReadFile(filepath.Join(dir, "docs", name)) // opens: a page of the project
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

var name = regexp.MustCompile("`([^`]+)`")

// Names returns what stands in backquotes in the first column of a table of a page,
// in its order. The mark is in the comment before the table.
func Names(t testing.TB, page, mark string) (names []string) {
	t.Helper()
	_, rest, begun := strings.Cut(Page(t, page), "<!-- "+mark+": held by a test -->\n")
	table, _, ended := strings.Cut(rest, "<!-- end -->")
	if !begun || !ended {
		t.Fatalf("docs/%s has no table %s", page, mark)
	}
	rows := strings.Split(table, "\n")
	for _, row := range rows[min(2, len(rows)):] { // what heads it may name the struct
		first, _, _ := strings.Cut(strings.TrimPrefix(row, "|"), "|")
		for _, m := range name.FindAllStringSubmatch(first, -1) {
			names = append(names, m[1])
		}
	}
	return names
}

// Fields returns the names that the fields of a struct have in JSON, in their order:
// those of embedded ones are their own type's.
func Fields[T any]() (names []string) {
	of := reflect.TypeFor[T]()
	for i := range of.NumField() {
		f := of.Field(i)
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); !f.Anonymous && name != "-" {
			names = append(names, name)
		}
	}
	return names
}
