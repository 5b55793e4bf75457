package privacy

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/profile"
)

// SecretKey reports whether a key is for ids of sessions, people and things, or for
// secrets: its values become patterns, even those that many traces have.
func SecretKey(key string) bool {
	k := strings.ToLower(key)
	if slices.Contains(secretWholes, k) {
		return true
	}
	if strings.HasPrefix(k, "user.") || strings.HasPrefix(k, "enduser.") {
		return k != "user.roles" && k != "enduser.role" && k != "enduser.scope"
	}
	words := profile.KeyWords(key)
	for i, word := range words {
		if slices.Contains(secretWords, word) {
			return true
		}
		owner, isID := strings.CutSuffix(word, "id") // userid
		if i > 0 && (word == "id" || word == "ids") {
			owner, isID = words[i-1], true
		}
		if isID && slices.Contains(secretOwners, owner) && !slices.Contains(ofSteps, words[len(words)-1]) {
			return true
		}
		if i > 0 && word == "name" && slices.Contains(namesOf, words[i-1]) {
			return true
		}
	}
	return false
}

// secretWholes are keys of ids and addresses.
var secretWholes = strings.Fields(`service.instance.id host.id host.name host.ip host.mac container.id container.name process.pid process.owner process.parent_pid
k8s.pod.name k8s.pod.uid k8s.node.name k8s.node.uid client.address net.peer.ip net.sock.peer.addr net.sock.host.addr
http.client_ip network.peer.address network.local.address source.address url.username url.password cloud.account.id cloud.resource_id
messaging.message.id messaging.message.conversation_id gen_ai.response.id gen_ai.conversation.id gen_ai.tool.call.id mcp.session.id session.previous_id
geo.location.lat geo.location.lon geo.postal_code device.id app.installation.id faas.instance faas.invocation_id aws.request_id db.user file.path code.filepath code.file.path`)

// secretWords are words of keys of what belongs to one person, or opens something.
var secretWords = strings.Fields(`email mail phone mobile password passwd pwd secret token apikey authorization cookie credential credentials ssn iban
username login firstname lastname fullname surname birthday dob ip mac uuid guid uid street zip zipcode postcode iccid imei msisdn latitude longitude jsessionid phpsessid`)

// ofSteps are last words of keys that tell what was done with an id, and are none.
var ofSteps = strings.Fields("action outcome status state result enabled present missing")

// secretOwners are words whose id is one: session.id, user_id.
var secretOwners = strings.Fields(`session user conversation trace span request correlation transaction device visitor customer account patient employee member message call`)

// namesOf are words before name in keys of names of people.
var namesOf = strings.Fields("first last full given family middle maiden nick patient employee person visitor contact owner holder")

// addresses reports whether a key is for hosts that are asked.
func addresses(key string) bool {
	k := strings.ToLower(key)
	for _, end := range []string{"address", "host", "hostname", "peer.name", "host.name", "peer.service", "domain", "server", "endpoint"} {
		if k == end || strings.HasSuffix(k, "."+end) || strings.HasSuffix(k, "_"+end) {
			return true
		}
	}
	return false
}
