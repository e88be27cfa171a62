"""A plain digest of a phone number is as good as the number: there are few enough to try them all.

So each digest in the app is keyed, or is a digest of something else.
"""

import re

from dev.site.layout import ROOT
from dev.tracked import tracked

APP = "school_dialer"
PLAIN = re.compile(r"(?<!hmac\.)\b(?:hashlib\.)?(?:sha256|sha1|md5|sha512|blake2[bs])\(")
OF_SOMETHING_ELSE = {
	"automation/cases.py": "the rule and the record that it noticed",
	"compliance/policy.py": "a policy's text",
	"consent_drive/planning.py": "a drive and a person of the site's records",
	"consent_form/answers.py": "the whole text of a signed form",
	"proof/merkle.py": "a leaf, which holds a random salt, and hashes of those",
	"proof/note.py": "a checkpoint's text, and a public key",
	"proof/verify.py": "an attached file, and a checkpoint's text",
	"website/consent/consent_words.py": "the words of a form, before answers are in it",
	"consent/chain.py": "an event whose number is a keyed digest, "
	"or was hashed so by an earlier version; and a key's id",
	"continuity/hosts.py": "the names of a host and of its database's",
	"continuity/marks.py": "where the site is installed",
	"consent/integrity/signed_anchor.py": "a key's id",
	"campaigns/planning/candidate_choice.py": "a household's numbers, "
	"in a field of permission level 1, which agents cannot read",
	"proof_log/note.py": "a checkpoint's text, and a public key",
	"proof_log/sources.py": "an attached file",
	"proof_log/timestamps.py": "a checkpoint's text",
	"proof_log/tree.py": "a leaf, which holds a random salt, and hashes of those",
	"outbound/pace/pacer.py": "the school's own sending numbers",
	"outbound/pace/resting_numbers.py": "the school's own sending numbers",
	"manual_calls/on_the_line.py": "the name of a call log",
	"emergency_kit/starting.py": "a user and their request's random key",
	"messages/sound/audio.py": "a recording",
	"messages/template/made_from.py": "words that stand in the same document",
	"public_alerts/cap/atom.py": "an entry of a public feed",
	"public_alerts/cap/signature.py": "a public alert",
	"public_alerts/incoming/taking.py": "what identifies a public alert",
	"reporting/call_audit.py": "seals, which are keyed",
	"website/alerts_page.py": "a public alert or feed",
}


def test_no_other_digest_is_without_a_key():
	found = {
		str(path.relative_to(APP))
		for path in tracked(APP, pattern="*.py")
		if PLAIN.search((ROOT / path).read_text())
	}
	assert found == set(OF_SOMETHING_ELSE)
