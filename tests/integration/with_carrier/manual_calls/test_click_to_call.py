"""A member of staff rings themselves, presses 1, and is connected to a family, through the gate."""

import json
from datetime import timedelta

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.base.database.transactions import retried
from school_dialer.compliance.codec import replay
from school_dialer.consent import ledger
from school_dialer.gate import signature_holds
from school_dialer.gate.doc_events import CallNotPermitted
from school_dialer.manual_calls import (
	claiming,
	disclosed,
	listing,
	on_the_line,
	outcomes,
	placing,
	script,
	work,
)
from school_dialer.outbound.attempts import reconciler
from tests.integration import factories as make
from tests.integration.with_carrier.households import SchoolClass
from tests.integration.with_carrier.running import dial, prepare


@pytest.fixture
def claimed(unreached, clerk):
	"""Return a function that returns a family's row, claimed, with the clerk who has it."""

	def of(**values):
		user = clerk()
		_doc, rows = unreached(**values)
		(row,) = rows.values()
		assert retried(lambda: claiming.next_family(user, [])) == row.name
		frappe.db.commit()
		return row, user

	return of


def own_phone(user: str) -> str:
	return frappe.db.get_value("Dialer Own Number", {"user": user}, "phone")


def row_of(name: str):
	frappe.db.rollback()
	return frappe.db.get_value(listing.DOCTYPE, name, [*claiming.READ], as_dict=True)


def note(name: str, user: str, outcome: str, **more) -> str:
	status = retried(lambda: outcomes.note(name, user, outcomes.Noted(outcome, **more)))
	frappe.db.commit()
	return status


@pytest.mark.story
def test_both_answer_and_talk(carrier, answering, claimed):
	row, user = claimed()
	mine = own_phone(user)
	answering(mine, "presses", digits="1", talks=60)
	answering(row.phone, "answers", talks=42)
	placing.call(row.name, user)
	carrier.wait_until_idle()
	found = row_of(row.name)
	log = frappe.get_doc("Dialer Call Log", found.call_log)
	assert (log.manual, log.phone, log.status, log.campaign) == (1, row.phone, "completed", row.campaign)
	assert log.sender == "+13125550100" or log.sender.startswith("+1")
	assert log.duration >= 42 and log.carrier_sid and log.verdict == "ALLOW"
	assert signature_holds(log.decision, log.seal)
	decision = replay(json.loads(log.decision))
	assert decision.allowed and decision.request.manual
	heard = [
		sentence for line in carrier.log("twiml") if line["to"] == mine for sentence in line["sentences"]
	]
	assert heard and not any("Person" in sentence for sentence in heard)
	assert script.call_state(found)["stage"] == script.OVER
	assert (found.status, found.attempts, found.claimed_by) == (work.CALLED, 1, user)
	assert note(row.name, user, work.REACHED, note="Knows.") == work.DONE
	recipient = frappe.get_doc("Dialer Recipient", row.recipient)
	assert (recipient.status, recipient.outcome, recipient.held_until) == ("Reached", "by a person", None)
	assert frappe.db.get_value("Dialer Call Log", found.call_log, "result") == "reached"


def calls_to(carrier, number: str) -> list[dict]:
	return [entry for entry in carrier.log("outcome") if entry["to"] == number]


def legs_to(carrier, number: str) -> list[dict]:
	return [entry for entry in calls_to(carrier, number) if entry["direction"] == "outbound-dial"]


def ringing(carrier, answering, row, user: str) -> tuple[str, str]:
	"""Call the clerk, whose phone rings as long as a test wants. Return the call's log and sid."""
	carrier.control("faults", {"drop_callback": 1.0})
	answering(own_phone(user), "no answer")
	log = placing.call(row.name, user)
	return log, frappe.db.get_value("Dialer Call Log", log, "carrier_sid")


@pytest.mark.parametrize(
	("behaviour", "status"),
	[
		({"behaviour": "no answer"}, "no-answer"),
		({"behaviour": "busy"}, "busy"),
		({"behaviour": "answers"}, "completed"),
		({"behaviour": "hangs up"}, "completed"),
		({"behaviour": "presses", "digits": "5"}, "completed"),
		({"behaviour": "voicemail"}, "completed"),
	],
)
def test_who_does_not_press_1_is_not_connected(carrier, answering, claimed, behaviour, status):
	row, user = claimed()
	answering(own_phone(user), **behaviour)
	placing.call(row.name, user)
	carrier.wait_until_idle()
	found = row_of(row.name)
	assert frappe.db.get_value("Dialer Call Log", found.agent_log, "status") == status
	assert (found.status, found.call_log, found.attempts, found.claimed_by) == (work.CLAIMED, None, 0, user)
	assert not legs_to(carrier, row.phone)
	assert script.call_state(found)["stage"] == script.OVER


@pytest.mark.parametrize(
	("behaviour", "status", "result"),
	[
		({"behaviour": "no answer"}, "no-answer", "no answer"),
		({"behaviour": "busy"}, "busy", "busy"),
		({"behaviour": "fails"}, "failed", "failed"),
		({"behaviour": "voicemail"}, "completed", None),
	],
)
def test_a_family_that_does_not_answer(carrier, answering, claimed, behaviour, status, result):
	row, user = claimed()
	answering(own_phone(user), "presses", digits="1", talks=20)
	answering(row.phone, **behaviour)
	placing.call(row.name, user)
	carrier.wait_until_idle()
	found = row_of(row.name)
	log = frappe.get_doc("Dialer Call Log", found.call_log)
	assert (log.status, log.result, found.attempts) == (status, result, 1)
	assert note(row.name, user, work.LEFT_MESSAGE if result is None else work.NO_ANSWER) == work.WAITING
	wanted = result or "voicemail"
	assert frappe.db.get_value("Dialer Call Log", found.call_log, "result") == wanted
	assert frappe.db.get_value("Dialer Recipient", row.recipient, "status") == "Not Reached"


def test_the_machine_does_not_judge_a_call_by_a_person(carrier, answering, claimed):
	row, user = claimed()
	before = frappe.get_doc("Dialer Recipient", row.recipient)
	answering(own_phone(user), "presses", digits="1", talks=20)
	answering(row.phone, "no answer")
	placing.call(row.name, user)
	carrier.wait_until_idle()
	frappe.db.rollback()
	after = frappe.get_doc("Dialer Recipient", row.recipient)
	same = ("status", "attempts", "last_call_log", "outcome")
	assert [before.get(field) for field in same] == [after.get(field) for field in same]


@pytest.mark.story
def test_an_opt_out_between_claim_and_call(carrier, answering, claimed):
	row, user = claimed()
	ledger.opt_out(row.phone, evidence=make.evidence("Agent"))
	frappe.db.commit()
	answering(own_phone(user), "presses", digits="1")
	with pytest.raises(CallNotPermitted, match="does not want to be called"):
		placing.call(row.name, user)
	carrier.wait_until_idle()
	assert not calls_to(carrier, own_phone(user)) and not legs_to(carrier, row.phone)


def test_an_opt_out_while_the_clerks_phone_rings(carrier, answering, claimed, hooks):
	row, user = claimed()
	log, sid = ringing(carrier, answering, row, user)
	ledger.opt_out(row.phone, evidence=make.evidence("Agent"))
	frappe.db.commit()
	said = hooks.post("manual_key", {"log": log}, {"CallSid": sid, "Digits": "1"}).text
	assert "<Dial" not in said and "must not be called" in said
	assert "OPTED_OUT" in row_of(row.name).refused
	carrier.wait_until_idle()
	assert not legs_to(carrier, row.phone)


def test_the_number_is_in_no_document_without_a_permit(carrier, answering, claimed, hooks):
	row, user = claimed()
	log, sid = ringing(carrier, answering, row, user)
	answer = hooks.post("manual_answer", {"log": log}, {"CallSid": sid}).text
	assert "Call to a family: press 1." in answer and row.phone not in answer
	assert "Person" not in answer
	stranger = hooks.post("manual_key", {"log": log}, {"CallSid": "CA" + "0" * 32, "Digits": "1"}).text
	assert "<Dial" not in stranger
	carrier.wait_until_idle()


def test_a_repeated_key_is_the_same_call(carrier, answering, claimed, hooks):
	row, user = claimed()
	log, sid = ringing(carrier, answering, row, user)
	form = {"CallSid": sid, "Digits": "1"}
	first, second = (hooks.post("manual_key", {"log": log}, form).text for _ in range(2))
	assert row.phone in first and first == second
	frappe.db.rollback()
	assert frappe.db.count("Dialer Call Log", {"recipient": row.recipient, "manual": 1}) == 1
	assert row_of(row.name).attempts == 1
	end = {"CallSid": sid, "DialCallStatus": "no-answer", "DialCallSid": "CA" + "1" * 32}
	for _time in range(3):
		assert "<Hangup" in hooks.post("manual_end", {"log": log}, end).text
	assert "<Dial" not in hooks.post("manual_key", {"log": log}, form).text
	found = row_of(row.name)
	assert frappe.db.get_value("Dialer Call Log", found.call_log, ["status", "result"]) == (
		"no-answer",
		"no answer",
	)
	carrier.wait_until_idle()


def test_documents_doubled(carrier, answering, claimed):
	row, user = claimed()
	carrier.control("faults", {"double_document": 1.0, "double_callback": 1.0, "reorder": True})
	answering(own_phone(user), "presses", digits="1", talks=30)
	answering(row.phone, "answers", talks=12)
	placing.call(row.name, user)
	carrier.wait_until_idle()
	found = row_of(row.name)
	assert len(legs_to(carrier, row.phone)) == 1 and found.attempts == 1
	assert frappe.db.get_value("Dialer Call Log", found.call_log, "status") == "completed"


def test_lost_callbacks_are_reconciled(carrier, answering, claimed, pass_time):
	row, user = claimed()
	carrier.control("faults", {"drop_callback": 1.0, "lose_action": 0.0})
	answering(own_phone(user), "presses", digits="1", talks=30)
	answering(row.phone, "answers", talks=12)
	placing.call(row.name, user)
	carrier.wait_until_idle()
	carrier.control("faults", {})
	pass_time(minutes=11)
	for _time in range(2):
		reconciler.release_lost_claims()
	frappe.db.commit()
	found = row_of(row.name)
	statuses = [
		frappe.db.get_value("Dialer Call Log", log, "status") for log in (found.agent_log, found.call_log)
	]
	assert statuses == ["completed", "completed"]
	on_the_line.settle()
	assert not claiming.in_call(found)


def test_outside_of_calling_hours(carrier, answering, claimed, set_clock):
	row, user = claimed()
	set_clock(clock.now().replace(hour=5, minute=0) + timedelta(days=1))
	frappe.db.sql(
		"update `tabDialer Manual Call` set claimed_until = %s where name = %s",
		(clock.to_db(clock.now() + timedelta(minutes=5)), row.name),
	)
	frappe.db.commit()
	with pytest.raises(CallNotPermitted, match="calling hours"):
		placing.call(row.name, user)
	assert not calls_to(carrier, own_phone(user))


def test_a_family_that_is_with_another_clerk(carrier, claimed, clerk):
	row, _user = claimed()
	with pytest.raises(claiming.NotYours):
		placing.call(row.name, clerk())


def test_a_claim_that_is_over(carrier, claimed, pass_time):
	row, user = claimed()
	pass_time(minutes=10, seconds=1)
	with pytest.raises(claiming.NotYours):
		placing.call(row.name, user)


def test_without_a_phone_of_ones_own(carrier, unreached, clerk):
	unreached()
	user = clerk(phone=False)
	name = retried(lambda: claiming.next_family(user, []))
	frappe.db.commit()
	with pytest.raises(placing.NoNumber):
		placing.call(name, user)


def test_a_call_under_way_keeps_the_family(carrier, answering, claimed, pass_time):
	row, user = claimed()
	answering(own_phone(user), "no answer")
	placing.call(row.name, user)
	carrier.wait_until_idle()
	frappe.db.rollback()
	frappe.db.sql(
		"update `tabDialer Call Log` set status_rank = 40, status = 'in-progress' where name = %s",
		row_of(row.name).agent_log,
	)
	frappe.db.commit()
	pass_time(minutes=59)
	claiming.lapse()
	frappe.db.commit()
	found = row_of(row.name)
	assert found.claimed_by == user
	with pytest.raises(claiming.NotYours):
		placing.call(row.name, user)
	with pytest.raises(claiming.NotYours):
		retried(lambda: claiming.release(row.name, user))
	carrier.wait_until_idle()
	frappe.db.sql(
		"update `tabDialer Call Log` set status_rank = 90, status = 'completed' where name = %s",
		found.agent_log,
	)
	on_the_line.settle()
	frappe.db.commit()
	assert row_of(row.name).claimed_until <= clock.to_db(clock.now() + work.LEASE)


def test_a_court_order_since(carrier, answering, clerk):
	school = SchoolClass([{"Mother": [make.unlisted_phone()]}])
	(number,) = school.numbers["Mother"]
	answering(number, "no answer")
	doc = school.campaign(max_attempts=1)
	prepare(doc)
	dial(carrier)
	listing.fill_soon(doc.name)
	user = clerk()
	name = retried(lambda: claiming.next_family(user, []))
	frappe.db.commit()
	assert row_of(name).phone == number and json.loads(row_of(name).students) == [school.student(0)]
	relation = frappe.db.get_value("Student Guardian", {"guardian": f"{school.tag}-Mother"})
	frappe.db.set_value("Student Guardian", relation, "dialer_contact_permission", "None by Court Order")
	frappe.db.commit()
	with pytest.raises(CallNotPermitted, match="may not be contacted"):
		placing.call(name, user)
	assert not calls_to(carrier, own_phone(user))


def test_what_was_said_about_a_student_is_on_record(carrier, answering, clerk, pass_time):
	school = SchoolClass([{"Mother": [make.unlisted_phone()]}])
	(number,) = school.numbers["Mother"]
	answering(number, "no answer")
	words = make.template("Event", text=0, said={"voice": "{{ student_names }} sings on Thursday at six."})
	doc = school.campaign(max_attempts=1, template=words)
	prepare(doc)
	dial(carrier)
	listing.fill_soon(doc.name)
	user = clerk()
	name = retried(lambda: claiming.next_family(user, []))
	frappe.db.commit()
	answering(own_phone(user), "presses", digits="1", talks=20)
	answering(number, "answers", talks=10)
	placing.call(name, user)
	carrier.wait_until_idle()
	note(name, user, work.REACHED)
	log = row_of(name).call_log
	disclosed.note()
	assert not frappe.db.count("Dialer Disclosure", {"call_log": log})
	pass_time(minutes=11)
	for _time in range(2):
		disclosed.note()
	(found,) = frappe.get_all("Dialer Disclosure", {"call_log": log}, ["student", "fields_disclosed", "way"])
	assert (found.student, found.way) == (school.student(0), "Spoken")
	assert "student_names" in found.fields_disclosed
	frappe.db.rollback()


@pytest.mark.story
def test_an_emergency_reaches_the_family_by_a_person(carrier, answering, unreached, clerk):
	_doc, rows = unreached(purpose="Emergency")
	(row,) = rows.values()
	assert row.urgency == 1
	user = clerk()
	retried(lambda: claiming.next_family(user, []))
	frappe.db.commit()
	answering(own_phone(user), "presses", digits="1", talks=20)
	answering(row.phone, "answers", talks=10)
	placing.call(row.name, user)
	carrier.wait_until_idle()
	assert note(row.name, user, work.REACHED) == work.DONE
	log = json.loads(frappe.db.get_value("Dialer Call Log", row_of(row.name).call_log, "decision"))
	assert log["request"]["manual"] is True and log["request"]["purpose"] == "Emergency"
