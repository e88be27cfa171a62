"""People in a preview, a rehearsal or a call order, as the current user may see them."""

from collections.abc import Collection

from school_dialer.audience import disclosed_records, student_access


def shown(people: list[dict], records: Collection[str] = ()) -> list[dict]:
	"""Return the people without ``students``.

	If a person has a child whose record the user may not read, or the user may not read some of the
	``records``, the row keeps no name, record or number and serves only to be counted.
	"""
	rows = [(person["person_doctype"], person["person"], person.get("students") or ()) for person in people]
	visible = student_access.visible(rows, records)
	return [as_seen(person, may) for person, may in zip(people, visible, strict=True)]


def of_campaign(people: list[dict], campaign) -> list[dict]:
	return shown(people, disclosed_records.of_campaign(campaign))


def as_seen(person: dict, may: bool) -> dict:
	row = {key: value for key, value in person.items() if key != "students"}
	if may:
		return row
	return row | {
		"person_doctype": "",
		"person": "",
		"person_name": student_access.name_not_shown(),
		"phone_masked": "",
	}
