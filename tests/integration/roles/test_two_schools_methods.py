"""No report, card, chart or method answers differently because of another school's rows, or shows them.

The first is tried by asking before and after those rows are there, so that counts are included.
"""

import json
import re
from collections.abc import Callable, Iterator

import frappe
import pytest
from frappe.desk import query_report
from frappe.desk.doctype.number_card.number_card import get_result

from school_dialer.base import clock
from school_dialer.base.roles import ALL, SYSTEM_MANAGER
from tests.integration import districts
from tests.integration.roles import attempts, two_schools, two_schools_arguments
from tests.integration.roles.two_schools import Side

ALL_ROLES = (SYSTEM_MANAGER, *ALL, "Academics User", "Desk User")
MODULE = "School Dialer"
REFUSED = "refused"


@pytest.fixture
def world(site_connection, a_request) -> two_schools.World:
	"""Return a district in which only the school in the north has rows, rolled back with the test."""
	return two_schools.world()


@pytest.fixture
def user(world) -> str:
	"""Return a user of the school in the north with every role."""
	roles = [role for role in ALL_ROLES if frappe.db.exists("Role", role)]
	return districts.user(roles, (world.north.school,))


@pytest.fixture
def others(world) -> None:
	"""Insert the others' rows."""
	two_schools.add_others(world)


def ask(user: str, method: Callable, **arguments) -> str:
	"""Return the answer as JSON, or why there is none. What the method writes is undone."""
	frappe.set_user(user)
	frappe.db.savepoint("asked")
	try:
		return as_text(method(**arguments))
	except (frappe.PermissionError, frappe.DoesNotExistError):
		return REFUSED
	except (frappe.ValidationError, frappe.TooManyRequestsError) as error:
		return f"{type(error).__name__}: {error}"
	finally:
		frappe.db.rollback(save_point="asked")
		frappe.set_user("Administrator")
		frappe.clear_messages()


def as_text(answer) -> str:
	text = json.dumps(getattr(answer, "data", answer), default=str, sort_keys=True)
	return ASKED_AT.sub("", text)


ASKED_AT = re.compile(r'"(?:at|as_of)": "[^"]+"|"pace": [0-9.]+')
"""What changes with the time at which the question is asked."""


def reports() -> list[str]:
	return frappe.get_all("Report", {"module": MODULE}, pluck="name", order_by="name")


def run_report(name: str, filters: dict) -> dict:
	frappe.get_doc("Report", name).db_set("prepared_report", 0)
	found = query_report.run(name, filters=filters, ignore_prepared_report=True)
	return {key: found.get(key) for key in ("result", "message", "chart", "report_summary")}


def filters_of(report: str, side: Side) -> Iterator[dict]:
	yield {"campaign": side.of("Dialer Campaign")} if report == "Campaign Answers" else {}
	yield {"campaign": side.of("Dialer Campaign")}


def asked_of_site(world, user: str) -> dict[str, str]:
	"""Return all answers about the school in the north, by what was asked."""
	found = {
		f"Report {name} {place}": ask(user, run_report, name=name, filters=filters)
		for name in reports()
		for place, filters in enumerate(filters_of(name, world.north))
	}
	for name in frappe.get_all("Number Card", {"module": MODULE}, pluck="name", order_by="name"):
		card = frappe.get_doc("Number Card", name)
		if card.type == "Document Type":
			found[f"Card {name}"] = ask(
				user, get_result, doc=card.as_dict(), filters=card.filters_json or "[]"
			)
	for path, method in two_schools_arguments.for_staff(attempts.methods()).items():
		if not path.startswith(two_schools_arguments.ACTS):
			arguments, _missing = two_schools_arguments.of(world.north, path, method)
			found[path] = ask(user, method, **arguments)
	return found


def test_answers_do_not_depend_on_other_schools(world, user, monkeypatch):
	moment = clock.now()
	monkeypatch.setattr(clock, "now", lambda: moment)
	before = asked_of_site(world, user)
	two_schools.add_others(world)
	after = asked_of_site(world, user)
	assert len(before) > ASKED
	differing = {key for key in before if before[key] != after[key]} - set(OF_DISTRICT)
	assert not differing, {key: apart(before[key], after[key]) for key in differing}


ASKED = 60


def apart(one: str, other: str) -> tuple[str, str]:
	"""Return both answers from where they differ."""
	place = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
	return one[max(place - 60, 0) : place + 200], other[max(place - 60, 0) : place + 200]


def test_every_method_has_arguments(world):
	methods = two_schools_arguments.for_staff(attempts.methods())
	unknown = {
		path: missing
		for path, method in methods.items()
		if (missing := two_schools_arguments.of(world.north, path, method)[1])
	}
	assert not unknown, f"give two_schools_arguments a value for {unknown}"


def test_no_method_shows_anything_of_others(world, user, others):
	shown = {}
	for path, method in two_schools_arguments.for_staff(attempts.methods()).items():
		for side in world.others:
			arguments, _missing = two_schools_arguments.of(side, path, method)
			if not arguments and path.startswith(two_schools_arguments.ACTS):
				continue
			answer = ask(user, method, **arguments)
			if path.startswith("desk.teachers.approvals."):  # says which of the names it was given it refused
				answer = answer.replace(side.of("Dialer Campaign"), "")
			hidden = {one.tag for one in world.others} - (
				{world.district.tag} if path in OF_DISTRICT else set()
			)
			if leak := [tag for tag in hidden if tag in answer]:
				shown[path, side.tag] = (leak, answer[:300])
	assert not shown, shown


OF_DISTRICT = (
	"desk.inbox.answers.saved_replies",
	"desk.recordings.listed",
	"desk.recordings.state",
	"desk.tell_families.offer",
	"desk.templates.languages_of_details",
)
"""Methods that show what the district gives to all its schools."""


def test_no_report_shows_anything_of_others(world, user, others):
	for name in reports():
		for side in (world.north, *world.others):
			for filters in filters_of(name, side):
				answer = ask(user, run_report, name=name, filters=filters)
				assert not [one.tag for one in world.others if one.tag in answer], (name, filters, answer)


DISTRICT_ONLY = (
	"desk.consent.check_import",
	"desk.consent.count_enrolment",
	"desk.consent.enrolment_progress",
	"desk.consent.run_import",
	"desk.consent.start_enrolment",
	"desk.district.ledger.verify_ledger",
	"desk.district.proof.export",
	"desk.health.look",
	"desk.privacy.count_retention",
	"desk.privacy.erase_person",
	"desk.settings.addresses_asked",
	"desk.settings.approve_addresses",
	"desk.settings.before_live",
	"desk.settings.fallback_words",
	"desk.settings.openings",
	"desk.settings.readiness",
	"desk.settings.registration",
	"desk.settings.reject_addresses",
	"desk.settings.test_connection",
	"desk.settings.test_incoming",
	"desk.settings.test_webhooks",
)


def test_what_is_of_the_whole_site_is_refused(world, user):
	methods = attempts.methods()
	for path in DISTRICT_ONLY:
		arguments, _missing = two_schools_arguments.of(world.north, path, methods[path])
		assert ask(user, methods[path], **arguments) == REFUSED, path


ABOUT_A_RECORD = (
	"answer",
	"campaign",
	"consent_answer",
	"message",
	"name",
	"recipient",
	"recording",
	"rule",
	"run_name",
)


def test_rows_of_others_are_refused(world, user, others):
	"""A method that names a row is refused for another school's."""
	for path, method in two_schools_arguments.for_staff(attempts.methods()).items():
		arguments, _missing = two_schools_arguments.of(world.south, path, method)
		if path in ("desk.numbers.names_of", "desk.rules.read_aloud") or not arguments.keys() & set(
			ABOUT_A_RECORD
		):
			continue
		assert ask(user, method, **arguments) == REFUSED, path
