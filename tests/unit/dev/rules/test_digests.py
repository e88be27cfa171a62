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
	"consent/chain.py": "an event whose number is a keyed digest, "
	"or was hashed so by an earlier version; and a key's id",
	"consent/integrity/signed_anchor.py": "a key's id",
	"campaigns/planning/candidate_choice.py": "a household's numbers, "
	"in a field of permission level 1, which agents cannot read",
	"pace/pacer.py": "the school's own sending numbers",
	"pace/resting_numbers.py": "the school's own sending numbers",
	"messages/sound/audio.py": "a recording",
	"reporting/call_audit.py": "seals, which are keyed",
}


def test_no_other_digest_is_without_a_key():
	found = {
		str(path.relative_to(APP))
		for path in tracked(APP, pattern="*.py")
		if PLAIN.search((ROOT / path).read_text())
	}
	assert found == set(OF_SOMETHING_ELSE)
