"""What the Desk's scripts need to know from the first page on: roles, purposes, and the words for reasons."""

from school_dialer.audience.base import sources
from school_dialer.base import roles
from school_dialer.compliance.vocabulary import CHANNELS, EMERGENCY, PURPOSES
from school_dialer.desk.district import recovery
from school_dialer.desk.support.address import DESK
from school_dialer.messages import store
from school_dialer.messages.translators import drafting
from school_dialer.reporting import reasons
from school_dialer.schools import registry, staff, users, zones


def extend(bootinfo) -> None:
	"""Hook `extend_bootinfo`: put lists that Python keeps into `frappe.boot.school_dialer`,
	in the user's language where they are words."""
	schools = users.of_user()
	bootinfo.school_dialer = {
		"roles": {
			"APPROVER": roles.APPROVER,
			"OFFICER": roles.OFFICER,
			"MANAGER": roles.MANAGER,
			"AGENTS": roles.AGENTS,
			"MANAGERS": roles.MANAGERS,
		},
		"channels": CHANNELS,
		"audiences": {label: source.shown() for label, source in sources().items()},
		"teachers": bool(staff.with_roles(roles.TEACHER)),
		"safe_mode": recovery.banner(),
		"district": registry.is_district(),
		"own_schools": None if schools is None else sorted(schools),
		"time_zone": str(zones.of_user()),
		"desk": DESK,
		"language": store.school().language,
		"translator": drafting.title(),
		"purposes": [*(purpose for purpose in PURPOSES if purpose != EMERGENCY), EMERGENCY],
		"reasons": {code: reasons.reason_words(code) for code in reasons.ORDER},
	}
