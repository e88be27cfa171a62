"""Only what was approved is called.

A campaign that differs from the request for approval is not approved, not planned and not dialed.
"""

import sys

import frappe
import pytest

from dev.demo.people import APPROVER, MANAGER
from school_dialer.base import states
from school_dialer.campaigns import actions
from school_dialer.campaigns.approval import changes, check, files, parts, seal
from school_dialer.campaigns.planning import planner
from school_dialer.outbound.dispatch import dispatcher
from school_dialer.patches import what_was_asked_for
from tests.integration import emergencies
from tests.integration import factories as make


@pytest.fixture(autouse=True)
def staff(school):
	from dev.school import users

	users.create()
	frappe.db.commit()


@pytest.fixture
def numbers() -> list[str]:
	return [make.phone(), make.phone()]


def content_on_disk(doc, text: str) -> None:
	files.path_of(doc.audience_file).write_text(text)


def another_list(doc, *numbers: str) -> None:
	"""Replace the list on disk under its own name, bypassing Frappe."""
	content_on_disk(doc, "name,phone\n" + "\n".join(f"Stranger,{number}" for number in numbers))


def other_words(doc) -> None:
	frappe.db.set_value(
		"Dialer Message Translation", {"parent": doc.template}, "voice", "Leave your houses at once."
	)
	frappe.clear_document_cache("Dialer Message Template", doc.template)


def set_column(**values):
	def change(doc) -> None:
		frappe.db.set_value("Dialer Campaign", doc.name, values, update_modified=False)

	return change


def swap_template(doc) -> None:
	set_column(template=make.template("Emergency", voice="Another message."))(doc)


def add_language(doc) -> None:
	row = frappe.get_all("Dialer Message Translation", {"parent": doc.template}, ["*"])[0]
	frappe.get_doc(
		{**row, "doctype": "Dialer Message Translation", "name": None, "language": "es", "idx": 2}
	).db_insert()


def add_details(doc) -> None:
	row = {"doctype": "Dialer Details Translation", "parenttype": "Dialer Campaign", "parent": doc.name}
	own = {"parentfield": "details_translations", "language": "es", "details": "En la otra puerta."}
	frappe.get_doc({**row, **own}).db_insert()


CHANGES = {
	"the content of the audience file": lambda doc: another_list(doc, make.phone()),
	"the words of the message": other_words,
	"another message": swap_template,
	"one more language": add_language,
	"the details": set_column(details="At the other gate."),
	"the details in another language": add_details,
	"the emergency": set_column(emergency_type="Weather closure"),
	"the channel": set_column(channel="Text"),
	"whom it calls": set_column(audience_source="Contacts"),
	"conditions": set_column(audience_filters='{"only": []}'),
	"who has to be reached": set_column(reach="One guardian of each student"),
	"a text after the call": set_column(text_fallback=1),
	"attempts": set_column(max_attempts=9),
	"the spend limit": set_column(spend_limit=100000),
	"the deadline": set_column(deadline="2099-01-01 00:00:00"),
}
every_change = pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)


def status(doc) -> str:
	frappe.db.rollback()
	return frappe.db.get_value("Dialer Campaign", doc.name, "status")


def told(user: str, doc) -> list[str]:
	return frappe.get_all("Notification Log", {"for_user": user, "document_name": doc.name}, pluck="subject")


@every_change
def test_what_changed_since_the_request_is_not_approved(numbers, change):
	doc = emergencies.asked_for(numbers)
	change(doc)
	frappe.db.commit()
	with pytest.raises(frappe.ValidationError):
		emergencies.approve(doc.name)
	assert status(doc) == states.AWAITING and not make.recipients(doc.name)


@every_change
def test_what_changed_since_the_approval_is_not_planned(numbers, change):
	doc = emergencies.approved(numbers)
	change(doc)
	frappe.db.commit()
	planner.run(doc.name)
	assert status(doc) == states.AWAITING and not make.recipients(doc.name)
	assert frappe.db.get_value("Dialer Campaign", doc.name, ["approved_by", "planned_at"]) == (None, None)


@every_change
def test_what_changed_since_the_plan_is_not_dialed(carrier, posted, numbers, change):
	doc = emergencies.approved(numbers)
	planner.run(doc.name)
	change(doc)
	frappe.db.commit()
	dispatcher.run(emergency=True)
	assert status(doc) == states.AWAITING
	assert not any(posted(number) for number in numbers)


def test_the_approver_reads_what_changed_by_whom_and_what_to_do(numbers):
	doc = emergencies.asked_for(numbers)
	other = frappe.get_doc("File", {"file_url": doc.audience_file})
	another_list(doc, make.phone())
	frappe.db.set_value(
		"File", other.name, {"modified": frappe.utils.now(), "modified_by": MANAGER}, update_modified=False
	)
	frappe.db.commit()
	with pytest.raises(check.Changed) as refused:
		emergencies.approve(doc.name)
	said = str(refused.value)
	assert "the content of the audience file" in said and "Ask again" in said
	assert frappe.utils.get_fullname(MANAGER) in said


def test_asked_again_it_is_approved_as_it_is_now(carrier, posted, answering, numbers):
	doc, added = emergencies.asked_for(numbers), make.phone()
	answering(added, "answers")
	another_list(doc, added)
	emergencies.as_user(MANAGER, actions.ask_again, doc.name)
	emergencies.approve(doc.name)
	planner.run(doc.name)
	dispatcher.run(emergency=True)
	carrier.wait_until_idle()
	assert len(posted(added)) == 1 and not any(posted(number) for number in numbers)


def test_an_approver_approves_what_they_saw(numbers):
	doc = emergencies.asked_for(numbers)
	seen = frappe.db.get_value("Dialer Campaign", doc.name, "asked_digest")
	another_list(doc, make.phone())
	emergencies.as_user(MANAGER, actions.ask_again, doc.name)
	with pytest.raises(check.Changed, match="while you looked"):
		emergencies.as_user(APPROVER, lambda name: actions.approve(name, seen), doc.name)
	now = frappe.db.get_value("Dialer Campaign", doc.name, "asked_digest")
	emergencies.as_user(APPROVER, lambda name: actions.approve(name, now), doc.name)
	assert status(doc) == states.PREPARING


def test_an_emergency_that_was_stopped_is_told_and_goes_on_after_a_second_approval(
	carrier, posted, answering, numbers
):
	kept, dropped = numbers
	added = make.phone()
	for number in (kept, added):
		answering(number, "answers")
	doc = emergencies.approved(numbers)
	planner.run(doc.name)
	another_list(doc, kept, added)
	frappe.db.commit()
	dispatcher.run(emergency=True)
	assert status(doc) == states.AWAITING
	for user in (MANAGER, APPROVER):
		assert any("changed after its approval" in subject for subject in told(user, doc)), user
	assert "content of the audience file" in frappe.db.get_value(
		"Dialer Campaign", doc.name, "status_message"
	)
	emergencies.approve(doc.name)
	planner.run(doc.name)
	dispatcher.run(emergency=True)
	carrier.wait_until_idle()
	frappe.db.rollback()
	assert (len(posted(kept)), len(posted(added)), len(posted(dropped))) == (1, 1, 0)
	assert {row.phone: row.status for row in make.recipients(doc.name)} == {
		kept: "Reached",
		added: "Reached",
		dropped: "Cancelled",
	}


def test_who_changed_it_does_not_approve_the_change(numbers):
	doc = emergencies.approved(numbers)
	file = frappe.db.get_value("File", {"file_url": doc.audience_file})
	another_list(doc, make.phone())
	frappe.db.set_value(
		"File", file, {"modified": frappe.utils.now(), "modified_by": APPROVER}, update_modified=False
	)
	frappe.db.commit()
	planner.run(doc.name)
	with pytest.raises(frappe.PermissionError, match="second person"):
		emergencies.approve(doc.name)
	emergencies.as_user(MANAGER, actions.ask_again, doc.name)
	with pytest.raises(frappe.PermissionError, match="second person"):
		emergencies.approve(doc.name)


def test_a_resumed_emergency_with_another_limit_is_approved_again(numbers):
	doc = emergencies.approved(numbers, spend_limit=1)
	planner.run(doc.name)
	doc.reload()
	doc.spend_limit = 500
	with pytest.raises(frappe.ValidationError, match="cannot be changed"):
		doc.save()
	frappe.db.rollback()
	actions.pause(doc.name)
	doc.reload()
	doc.spend_limit = 500
	doc.save()
	assert actions.resume(doc.name) == states.AWAITING
	frappe.db.commit()
	emergencies.approve(doc.name)
	planner.run(doc.name)
	assert status(doc) == states.RUNNING
	assert {row.status for row in make.recipients(doc.name)} == {"Pending"}


def test_a_resumed_emergency_that_is_as_approved_goes_on(numbers):
	doc = emergencies.approved(numbers)
	planner.run(doc.name)
	actions.pause(doc.name)
	assert actions.resume(doc.name) == states.RUNNING


@pytest.mark.parametrize(
	"seal_", [None, "", "{}", "[]", "null", '{"parts": {}, "at": "2026-01-01", "changed_by": [], "mac": "0"}']
)
def test_a_record_that_is_missing_or_forged_counts_as_a_change(numbers, seal_):
	doc = emergencies.approved(numbers)
	frappe.db.set_value("Dialer Campaign", doc.name, "asked_seal", seal_)
	frappe.db.commit()
	planner.run(doc.name)
	assert status(doc) == states.AWAITING and not make.recipients(doc.name)


def test_the_record_of_another_campaign_does_not_fit(numbers):
	first, second = emergencies.asked_for(numbers), emergencies.asked_for(numbers)
	copied = frappe.db.get_value("Dialer Campaign", first.name, ["asked_digest", "asked_seal"], as_dict=True)
	frappe.db.set_value("Dialer Campaign", second.name, copied)
	assert [change.part for change in changes.changes_of(second.name)] == [changes.UNSEALED]


def test_an_unchanged_campaign_has_no_changes(numbers):
	doc = emergencies.asked_for(numbers)
	assert changes.changes_of(doc.name) == []
	frappe.get_doc("Dialer Message Template", doc.template).save()
	assert changes.changes_of(doc.name) == []


def test_the_file_is_read_once_while_nothing_touches_it(numbers, monkeypatch):
	doc = emergencies.asked_for(numbers)
	path, read = files.path_of(doc.audience_file), []
	monkeypatch.setattr(files, "SETTLED_NS", -sys.maxsize)
	files.remembered.cache_clear()
	streamed = files.streamed
	monkeypatch.setattr(files, "streamed", lambda one: read.append(one) or streamed(one))
	# On a slow machine the file was settled when it was asked for.
	files.remembered.cache_clear()
	(before,) = {files.content(doc.audience_file) for _time in range(3)}
	assert len(read) == 1
	text = path.read_text()
	path.write_text(text.replace("0", "1"))
	assert files.content(doc.audience_file) != before and len(read) == 2


def test_a_form_keeps_no_digest_of_its_own(numbers):
	doc = make.campaign(numbers, purpose="Emergency", **emergencies.FIRE, asked_digest="0", asked_seal="{}")
	assert (doc.asked_digest, doc.asked_seal) == (None, None)


def test_a_rejected_emergency_that_has_begun_is_cancelled(numbers):
	doc = emergencies.approved(numbers)
	planner.run(doc.name)
	other_words(doc)
	frappe.db.commit()
	dispatcher.run(emergency=True)
	with pytest.raises(frappe.ValidationError, match="begun already"):
		actions.back_to_draft(doc.name)
	emergencies.as_user(APPROVER, lambda name: actions.reject(name, "Not ours"), doc.name)
	assert status(doc) == states.CANCELLED


@pytest.mark.parametrize("began", [False, True])
def test_campaigns_of_before_get_their_record(numbers, began):
	doc = emergencies.approved(numbers) if began else emergencies.asked_for(numbers)
	frappe.db.set_value("Dialer Campaign", doc.name, seal.NOTHING_ASKED)
	what_was_asked_for.execute()
	frappe.db.commit()
	assert changes.changes_of(doc.name) == []
	if began:
		planner.run(doc.name)
		assert status(doc) == states.RUNNING


def test_a_campaign_that_needs_no_approval_has_no_record(school, numbers):
	doc = make.campaign(numbers)
	actions.start(doc.name)
	what_was_asked_for.execute()
	assert not frappe.db.get_value("Dialer Campaign", doc.name, "asked_digest")


def test_the_digest_is_keyed(numbers):
	doc = emergencies.asked_for(numbers)
	import hashlib

	plain = hashlib.sha256(files.path_of(doc.audience_file).read_bytes()).hexdigest()
	assert plain not in frappe.db.get_value("Dialer Campaign", doc.name, "asked_seal")
	assert plain != files.content(doc.audience_file)
	assert set(parts.digests_of(doc.name)) == set(parts.ALL)
