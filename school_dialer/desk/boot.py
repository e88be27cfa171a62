"""What the Desk's scripts need to know from the first page on: roles, purposes, and the words for reasons."""

from school_dialer import roles
from school_dialer.compliance.vocabulary import CHANNELS, EMERGENCY, PURPOSES
from school_dialer.desk.support.address import DESK
from school_dialer.messages import store
from school_dialer.reporting import reasons


def extend(bootinfo) -> None:
	"""Hook `extend_bootinfo`: put lists that Python keeps into `frappe.boot.school_dialer`,
	in the user's language where they are words."""
	bootinfo.school_dialer = {
		"roles": {
			"APPROVER": roles.APPROVER,
			"OFFICER": roles.OFFICER,
			"AGENTS": roles.AGENTS,
			"MANAGERS": roles.MANAGERS,
		},
		"channels": CHANNELS,
		"desk": DESK,
		"language": store.school().language,
		"purposes": [*(purpose for purpose in PURPOSES if purpose != EMERGENCY), EMERGENCY],
		"reasons": {code: reasons.reason_words(code) for code in reasons.ORDER},
	}
