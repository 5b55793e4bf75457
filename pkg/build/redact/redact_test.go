package redact

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

var basicTable = []struct{ why, text, want string }{
	{"an address of mail, without the end of the sentence", "Write to sam@example.com.", "Write to <EMAIL>."},
	{"marks in an address of mail", "o'brien+x@mail.example.co.uk, please", "<EMAIL>, please"},
	{"an @ alone is none", "2 @ 5 each, @sam", "2 @ 5 each, @sam"},
	{"a link, without the bracket around it", "(see https://example.com/a?b=c)", "(see <LINK>)"},
	{"a link with an address of mail in it is one link", "http://example.com/?u=sam@example.com now", "<LINK> now"},
	{"a link without a scheme", "www.example.com or example.org/faq", "<LINK> or <LINK>"},
	{"a link to pay", "Pay at https://example.com/pay/123!", "Pay at <SECURE_PAYMENT_LINK>!"},
	{"a payload is not a payment", "https://example.com/payload", "<LINK>"},
	{"a mailbox is no link", "sam@example.com/x", "<EMAIL>/x"},
	{"each kind of claim", "CLM-71856, ph-1234, EV-AB12 and HA-00-11.", "<CLAIM_ID>, <CLAIM_ID>, <CLAIM_ID> and <CLAIM_ID>."},
	{"the words before a claim's number stay", "claim number: 71856", "claim number: <CLAIM_ID>"},
	{"no digit, no claim", "a PH-neutral soap, ha-haha", "a PH-neutral soap, ha-haha"},
	{"the end of a longer word", "ALPHA-12345", "ALPHA-12345"},
	{"a policy number", "policy number 12345678 and Policy #AB-123456", "policy number <POLICY_NUMBER> and Policy #<POLICY_NUMBER>"},
	{"a policy number of its own form", "It is POL-123456.", "It is <POLICY_NUMBER>."},
	{"words after policy", "Policy details and policy information", "Policy details and policy information"},
	{"a date after policy", "policy 2026-01-31 applies", "policy 2026-01-31 applies"},
	{"a placeholder after policy", "policy number <POLICY_NUMBER>", "policy number <POLICY_NUMBER>"},
	{"a street", "at 12 Sample Street?", "at <ADDRESS>?"},
	{"a flat in a short street", "Flat 3, 12a St. John's Rd, Leeds", "<ADDRESS>, Leeds"},
	{"a street in lower case", "i live at 12 sample street", "i live at <ADDRESS>"},
	{"minutes are no house", "5 minutes down the road, 2 hours drive", "5 minutes down the road, 2 hours drive"},
	{"a German street", "Hauptstra\u00dfe 12a in Bonn", "<ADDRESS> in Bonn"},
	{"a British postcode", "SW1A 1AA, m11ae, B33 8TH", "<POSTCODE>, m11ae, <POSTCODE>"},
	{"an error code and a time", "It shows E18 3PM", "It shows E18 3PM"},
	{"a postcode after its word", "my postcode is m1 1ae, zip: 97201", "my postcode is <POSTCODE>, zip: <POSTCODE>"},
	{"an American postcode", "Portland, OR 97201-1234", "Portland, OR <POSTCODE>"},
	{"OK is not Oklahoma", "OK 15000 it is", "OK 15000 it is"},
	{"a Canadian postcode", "K1A 0B1", "<POSTCODE>"},
	{"American telephone numbers", "(206) 555-0142, 206-555-0142, 206.555.0142, 1 206 555 0142", "<PHONE>, <PHONE>, <PHONE>, <PHONE>"},
	{"a telephone number without an area", "and call 555-0176 on arrival", "and call <PHONE> on arrival"},
	{"a telephone number of any country", "+44 20 7946 0018, +49 (0)30 1234567", "<PHONE>, <PHONE>"},
	{"a telephone number within a country", "020 7946 0018 or 07700900123", "<PHONE> or <PHONE>"},
	{"bare digits after a word that says so", "call me on 2065550142", "call me on <PHONE>"},
	{"a card", "4111 1111 1111 1111 12/27", "<CARD_NUMBER> 12/27"},
	{"a card with dashes", "card 5500-0000-0000-0004.", "card <CARD_NUMBER>."},
	{"wrong check digit", "4111 1111 1111 1112", "4111 1111 1111 1112"},
	{"an IBAN before a word", "GB82 WEST 1234 5698 7654 32 AND MORE", "<IBAN> AND MORE"},
	{"an IBAN in one", "de89370400440532013000", "<IBAN>"},
	{"wrong check digits of an IBAN", "GB83 WEST 1234 5698 7654 32", "GB83 WEST 1234 5698 7654 32"},

	{"dates", "2026-01-31, 31.01.2026 and 2026-01-31T10:30:00Z", "2026-01-31, 31.01.2026 and 2026-01-31T10:30:00Z"},
	{"a day first and a time", "01-02-2026 10:30, 01/02/2026 10 30", "01-02-2026 10:30, 01/02/2026 10 30"},
	{"prices", "$1,299.00, 1.234.567,89 and EUR 100000", "$1,299.00, 1.234.567,89 and EUR 100000"},
	{"a range of prices", "$100-2000 or 15%", "$100-2000 or 15%"},
	{"amounts and timestamps", "150000 of 1700000000 and 1700000000000", "150000 of 1700000000 and 1700000000000"},
	{"a decimal", "0.123456789 and 3.14159265", "0.123456789 and 3.14159265"},
	{"a uuid", "123e4567-1234-4234-8234-123456780123", "123e4567-1234-4234-8234-123456780123"},
	{"a network address", "10.20.30.40:4317", "10.20.30.40:4317"},
	{"an opening time", "between 9 and 12, at 8:30, the 20th", "between 9 and 12, at 8:30, the 20th"},
	{"nothing", "", ""},
	{"names and numbers stay", "I asked Sam Jones about 71 percent.", "I asked Sam Jones about 71 percent."},
}

func TestBasic(t *testing.T) {
	for _, c := range basicTable {
		if got := Basic(c.text); got != c.want {
			t.Errorf("%s: %q\n got %q\nwant %q", c.why, c.text, got, c.want)
		}
	}
}

var strictTable = []struct{ why, text, want string }{
	{"numbers with their marks", "At 8:30 it was -18, E18, 1,200.50 or the 20th", "At <NUMBER> it was -<NUMBER>, <NUMBER>, <NUMBER> or the <NUMBER>"},
	{"dates are numbers", "since 2026-01-31.", "since <NUMBER>."},
	{"patterns come first", "claim CLM-71856 of sam@example.com", "claim <CLAIM_ID> of <EMAIL>"},
	{"a name within a sentence", "I asked Sam Jones about it.", "I asked <NAME> <NAME> about it."},
	{"a sentence begins with a capital", "Console won't read discs. Claims are slow.", "Console won't read discs. Claims are slow."},
	{"a sentence that begins with a name and goes on with one", "John Smith called.", "<NAME> <NAME> called."},
	{"a name that is known from elsewhere", "Sam called. Ask Sam's wife.", "<NAME> called. Ask <NAME> wife."},
	{"an answer that is a name", "Sam", "<NAME>"},
	{"a signature", "Thanks a lot,\nSam", "Thanks a lot,\n<NAME>"},
	{"someone is spoken to", "Sam, can you help?", "<NAME>, can you help?"},
	{"a title", "Is Dr. Jones in?", "Is <NAME>. <NAME> in?"},
	{"days and months", "On Monday or in May, I'm told.", "On Monday or in May, I'm told."},
	{"names with marks", "from Jean-Luc O'Brien and \u00c9va", "from <NAME> <NAME> and <NAME>"},
	{"capitals within a word", "my iPhone and McDonald", "my iPhone and <NAME>"},
	{"a placeholder is no word", "Claim <CLAIM_ID> is open", "Claim <CLAIM_ID> is open"},
	{"short answers stay", "Yes. Thanks! OK?", "Yes. Thanks! OK?"},
}

func TestStrict(t *testing.T) {
	for _, c := range strictTable {
		if got := Strict(c.text); got != c.want {
			t.Errorf("%s: %q\n got %q\nwant %q", c.why, c.text, got, c.want)
		}
	}
}

// plain are detectors that share nothing with the rules.
var plain = []struct {
	name string
	re   *regexp.Regexp
}{
	{"mail", regexp.MustCompile(`[A-Za-z0-9]@[A-Za-z0-9]+\.[A-Za-z0-9]`)},
	{"link", regexp.MustCompile(`\bhttps?://[A-Za-z0-9]`)},
	// Letters of any script go on with a word; \b knows those of ASCII alone.
	{"claim", regexp.MustCompile(`(?:^|[^\p{L}\p{N}\p{M}_])(?:CLM|PH|EV|HA)-[0-9]{4}(?:[^\p{L}\p{N}\p{M}_]|$)`)},
	{"phone", regexp.MustCompile(`(?:^| )\([0-9]{3}\) [0-9]{3}-[0-9]{4}(?: |$)`)},
}

// checkText holds both functions to what they promise of any text.
func checkText(t *testing.T, text string) {
	t.Helper()
	b, s := Basic(text), Strict(text)
	if again := Basic(b); again != b {
		t.Errorf("basic is not idempotent: %q, %q, %q", text, b, again)
	}
	if again := Strict(s); again != s {
		t.Errorf("strict is not idempotent: %q, %q, %q", text, s, again)
	}
	if got := Basic(s); got != s {
		t.Errorf("strict leaves what basic replaces: %q, %q, %q", text, s, got)
	}
	if utf8.ValidString(text) && !(utf8.ValidString(b) && utf8.ValidString(s)) {
		t.Errorf("invalid UTF-8 of %q: %q, %q", text, b, s)
	}
	rest := placeholders.ReplaceAllString(s, "\x00")
	if strings.ContainsFunc(rest, unicode.IsNumber) {
		t.Errorf("strict leaves a number: %q, %q", text, s)
	}
	for _, d := range plain {
		for _, r := range []string{b, s} {
			if m := d.re.FindString(placeholders.ReplaceAllString(r, "\x00")); m != "" {
				t.Errorf("%s %q is left: %q, %q", d.name, m, text, r)
			}
		}
	}
}

func TestAnyTextIsSafe(t *testing.T) {
	for _, c := range basicTable {
		checkText(t, c.text)
	}
	for _, c := range strictTable {
		checkText(t, c.text)
	}
	for _, c := range basicTable {
		for _, d := range basicTable {
			checkText(t, c.text+" "+d.text)
		}
	}
}

func TestCheckDigitsAreChecked(t *testing.T) {
	// Of the sixteen-digit numbers that differ in the last digit, one is a card.
	cards := 0
	for d := range 10 {
		if Basic("400012345678901"+string(rune('0'+d))) == "<CARD_NUMBER>" {
			cards++
		}
	}
	if cards != 1 {
		t.Errorf("got %d cards of ten, want 1", cards)
	}
}

func FuzzRedact(f *testing.F) {
	for _, c := range basicTable {
		f.Add(c.text)
	}
	for _, c := range strictTable {
		f.Add(c.text)
	}
	f.Add("a\xffb@c.d \xff555-0142")
	f.Add("\x80\xff\xffCLM-7185\u027b")
	f.Add("CLM-7185-7185\u023b")
	f.Fuzz(checkText)
}
