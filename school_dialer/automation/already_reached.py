"""Guardians whom an earlier campaign of the same run reached, and who are not called again for a sibling.

A guardian who was not reached is called, and so is one who was reached and may not hear about this child: the
gate says why not. A child none of whose guardians is left to call is skipped.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

import frappe

from school_dialer import gate


@dataclass(frozen=True, slots=True)
class AlreadyReached:
	"""`links`: (guardian, student) to leave out. `families`: students with no other guardian to call."""

	links: frozenset[tuple[str, str]] = frozenset()
	families: frozenset[str] = frozenset()


def of_run(run: str, students: Collection[str], but: str = "") -> AlreadyReached:
	"""Return who was reached today and may hear about these students, `but` by this campaign."""
	if not students:
		return AlreadyReached()
	rows = frappe.db.sql(
		"""select link.guardian, link.parent, max(ifnull(reached.phone, ''))
		from `tabStudent Guardian` link
		left join (
			select recipient.person, recipient.phone from `tabDialer Recipient` recipient
			join `tabDialer Campaign` campaign on campaign.name = recipient.campaign
			where campaign.rule_run = %(run)s and campaign.name != %(but)s
				and recipient.person_doctype = 'Guardian' and recipient.status = 'Reached'
			union
			select party.person, party.phone from `tabDialer Party` party
			join `tabDialer Campaign` campaign on campaign.name = party.campaign
			where campaign.rule_run = %(run)s and campaign.name != %(but)s
				and party.person_doctype = 'Guardian' and party.state = 'Informed'
		) reached on reached.person = link.guardian
		where link.parenttype = 'Student' and link.parent in %(students)s
		group by link.guardian, link.parent""",
		{"run": run, "students": tuple(students), "but": but},
	)
	phones = {guardian: phone for guardian, _student, phone in rows if phone}
	return judged(rows, phones) if phones else AlreadyReached()


def judged(links: Collection[tuple[str, str, str]], phones: dict[str, str]) -> AlreadyReached:
	"""Return what follows from the guardians' rights. `phones` has the number each was reached at."""
	children = defaultdict(list)
	for guardian, student, _phone in links:
		children[guardian].append(student)
	may_hear = gate.heard_by(
		[
			gate.EligibilityCheck(guardian, phones.get(guardian, ""), "Guardian", guardian, tuple(pupils))
			for guardian, pupils in children.items()
		]
	)
	pairs = [(guardian, student) for guardian, pupils in may_hear.items() for student in pupils]
	reached = frozenset(pair for pair in pairs if pair[0] in phones)
	left = {student for guardian, student in pairs if guardian not in phones}
	return AlreadyReached(reached, frozenset(student for _guardian, student in reached) - left)
