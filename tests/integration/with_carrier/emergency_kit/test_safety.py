"""Staff answer a safety poll by key or text, and who needs help is shown first, with a number."""

import secrets

import frappe
import pytest

from school_dialer.calls import survey_answers
from school_dialer.campaigns import actions
from school_dialer.campaigns.planning import planner
from school_dialer.desk.emergency_kit import starts
from school_dialer.emergency_kit import safety
from tests.integration import factories as make
from tests.integration.with_carrier.campaigns.teachers.classroom import as_user, bare
from tests.integration.with_carrier.emergency_kit.kit import ITEM
from tests.integration.with_carrier.running import dial, texts_to

CHECK = "Staff safety check"
POLL = {"kind": safety.KIND, "audience_source": "All employees", "audience_name": None, "template": CHECK}


@pytest.fixture
def staff(kit):
	"""Make four employees, and yield {first name: number}. Other employees of the site are inactive."""
	others = frappe.get_all("Employee", {"status": "Active"}, pluck="name")
	frappe.db.sql("update `tabEmployee` set status = 'Left' where name in %s", [[*others, ""]])
	numbers = {name: make.unlisted_phone() for name in ("Safe", "Help", "Silent", "Gone")}
	made = [
		bare(
			"Employee",
			f"E-{secrets.token_hex(4)}",
			first_name=name,
			employee_name=name,
			cell_number=number,
			status="Active",
		)
		for name, number in numbers.items()
	]
	frappe.db.commit()
	yield numbers
	frappe.db.rollback()
	frappe.db.delete("Employee", {"name": ("in", made)})
	frappe.db.sql("update `tabEmployee` set status = 'Active' where name in %s", [[*others, ""]])
	frappe.db.commit()


def started(kit, **values) -> str:
	start = kit.start(kit.item(**{**POLL, **values}))
	campaign = kit.campaign(start).name
	as_user(kit.second, lambda: actions.approve(campaign))
	planner.run(campaign)
	return start


def names(groups: dict) -> dict[str, list[str]]:
	return {group: [one["name"] for one in groups[group]] for group in safety.GROUPS}


EXPECTED = {"help": ["Help"], "silent": ["Silent"], "unreached": ["Gone"], "shared": [], "safe": ["Safe"]}


def test_by_call(carrier, kit, staff, answering):
	answering(staff["Safe"], "presses", digits=["1"])
	answering(staff["Help"], "presses", digits=["2"])
	answering(staff["Silent"], "answers")
	answering(staff["Gone"], "no answer")
	start = started(kit, channel="Voice")
	frappe.db.set_value("Dialer Recipient", {"campaign": kit.campaign(start).name}, "max_attempts", 1)
	frappe.db.commit()
	dial(carrier, emergency=True)
	found = as_user(kit.agent, lambda: starts.groups(start))
	assert names(found) == EXPECTED
	(help_,) = found["help"]
	assert help_["number"] == staff["Help"] and help_["at"]
	shown = frappe.as_json(found)
	assert [number for number in staff.values() if number in shown] == [staff["Help"]]


def test_by_text(carrier, kit, staff):
	carrier.control("people", {staff["Gone"]: {"text": {"delivery": "undelivered"}}})
	start = started(kit, channel="Text")
	dial(carrier, emergency=True)
	(body,) = texts_to(carrier, staff["Help"])
	assert "1" in body and "I am safe" in body and "I need help" in body
	assert survey_answers.by_text(staff["Safe"], "1", "en")
	assert survey_answers.by_text(staff["Help"], " 2. ", "en")
	frappe.db.commit()
	assert names(as_user(kit.agent, lambda: starts.groups(start))) == EXPECTED
	assert survey_answers.by_text(staff["Help"], "1", "en")
	frappe.db.commit()
	found = as_user(kit.agent, lambda: starts.groups(start))
	assert names(found)["safe"] == ["Help", "Safe"] and not found["help"], "the last answer counts"


@pytest.mark.parametrize(
	("answer", "group"), [("1", safety.SHARED), ("2", safety.HELP), (None, safety.SILENT)]
)
def test_of_two_with_one_number_both_are_listed_and_none_as_safe(carrier, kit, staff, answer, group):
	frappe.db.set_value("Employee", {"employee_name": "Gone"}, "cell_number", staff["Help"])
	frappe.db.commit()
	start = started(kit, channel="Text")
	dial(carrier, emergency=True)
	assert len(texts_to(carrier, staff["Help"])) == 1
	if answer:
		survey_answers.by_text(staff["Help"], answer, "en")
		frappe.db.commit()
	found = as_user(kit.agent, lambda: starts.groups(start))
	both = [one for one in found[group] if one["name"] in ("Gone", "Help")]
	assert [one["name"] for one in both] == ["Gone", "Help"]
	assert {one["several"] for one in both} == {2 if answer else 0}
	assert sum(map(len, names(found).values())) == len(staff)


def test_only_for_who_follows_it_and_only_of_a_poll(kit, staff):
	start = kit.start(kit.item(**POLL))
	fire = kit.start(kit.item())
	with pytest.raises(frappe.PermissionError):
		as_user("Guest", lambda: starts.groups(start))
	with pytest.raises(frappe.ValidationError, match="no safety poll"):
		as_user(kit.agent, lambda: starts.groups(fire))


def test_what_a_safety_item_needs(kit):
	for values, message in (
		({"audience_source": "All guardians"}, "goes to staff"),
		({"template": make.template("Emergency")}, "two answers"),
	):
		with pytest.raises(frappe.ValidationError, match=message):
			kit.item(**{**POLL, **values})
	assert frappe.get_doc(ITEM, kit.item(**POLL)).kind == safety.KIND


def test_the_message_ships_with_the_app():
	doc = frappe.get_doc("Dialer Message Template", CHECK)
	assert doc.purpose == "Emergency" and {row.language for row in doc.translations} >= {"en", "es"}
	assert all(len(row.answers.splitlines()) == 2 for row in doc.translations)
