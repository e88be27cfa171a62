"""No call reached the household: one text if they consented to it, and finally an e-mail.

Both go through the gate, once, and never after a cancellation.
"""

import frappe
import pytest

from school_dialer.audience.guardians import ONE_GUARDIAN
from school_dialer.base import states
from school_dialer.campaigns import actions, validation
from school_dialer.consent import ledger
from school_dialer.desk import campaigns as desk
from school_dialer.followup import fallback
from school_dialer.outbound.pace import limits
from tests.integration import factories as make
from tests.integration import statements
from tests.integration.privacy.rights import choice
from tests.integration.with_carrier.follow_ups import (
	addresses,
	called,
	family,
	follow_up,
	mails,
	rows_of,
	text_of,
	texts,
)
from tests.integration.with_carrier.households import SchoolClass
from tests.integration.with_carrier.running import dial, prepare, state_of

ABSENT = {"voice": "{{ absent_names | default('Your child') }} was absent.", "voicemail": "", "text": ""}


def test_a_text_goes_out_and_is_counted(carrier, not_reached):
	number = make.phone()
	doc = not_reached(number)
	assert state_of(doc) == states.RUNNING
	follow_up(doc, carrier)
	assert [body for body in texts(carrier, number) if "concert is on Thursday" in body and "STOP" in body]
	assert (called(doc).status, called(doc).fallback) == ("Not Reached", "Text")
	text = text_of(doc)
	assert (text.channel, text.status, text.fallback_of) == ("Text", "Reached", called(doc).name)
	log = frappe.get_doc("Dialer Call Log", {"recipient": text.name})
	assert (log.channel, log.verdict) == ("Text", "ALLOW")
	assert make.decision_of(log.name)["request"]["channel"] == "Text"
	assert state_of(doc) == states.COMPLETED
	shown = desk.progress(doc.name)
	assert (shown["total"], shown["counts"]) == (1, {"Not Reached": 1})
	assert shown["afterwards"] == {"texts": {"Reached": 1}, "done": {"Text": 1}}


def test_without_the_option_nothing_is_sent(carrier, not_reached):
	number = make.phone()
	doc = not_reached(number, text_fallback=0)
	assert state_of(doc) == states.COMPLETED
	follow_up(doc, carrier)
	assert not texts(carrier, number) and len(rows_of(doc)) == 1


def test_who_was_reached_gets_none(carrier, answering):
	number = make.phone()
	make.consent(number)
	answering(number, "answers")
	doc = make.campaign([number], text_fallback=1)
	prepare(doc)
	dial(carrier)
	follow_up(doc, carrier)
	assert not texts(carrier, number) and state_of(doc) == states.COMPLETED


def test_only_where_text_consent_exists(carrier, not_reached):
	number = make.phone()
	doc = not_reached(number, channel="Voice")
	follow_up(doc, carrier)
	assert not texts(carrier, number)
	assert (text_of(doc).status, text_of(doc).reasons) == ("Blocked", "NO_CONSENT")
	assert state_of(doc) == states.COMPLETED
	assert desk.progress(doc.name)["blocked"] == {}


def test_an_opt_out_between_call_and_text_holds(carrier, not_reached):
	number = make.phone()
	doc = not_reached(number)
	fallback.run(doc.name)
	assert text_of(doc).status == "Pending"
	ledger.opt_out(number, evidence=make.evidence("Agent"))
	frappe.db.commit()
	assert (text_of(doc).status, text_of(doc).reasons) == ("Blocked", "OPTED_OUT")
	dial(carrier)
	assert not texts(carrier, number) and state_of(doc) == states.COMPLETED


def test_an_opt_out_of_calls_alone_leaves_the_text(carrier, not_reached):
	number = make.phone()
	doc = not_reached(number)
	fallback.run(doc.name)
	ledger.opt_out(number, channel="Voice", evidence=make.evidence("Agent"))
	frappe.db.commit()
	assert text_of(doc).status == "Pending"


def test_what_is_sensitive_becomes_a_request_to_call_back(carrier, not_reached):
	number = make.phone()
	message = make.template("Attendance", text=0, said=ABSENT)
	doc = not_reached(number, purpose="Attendance", template=message)
	follow_up(doc, carrier)
	(body,) = texts(carrier, number)
	assert "call us back" in body and "/dialer-preferences" in body and "STOP" in body
	assert "absent" not in body and "child" not in body


def test_a_cancelled_campaign_sends_none(carrier, not_reached):
	number, later = make.phone(), make.phone()
	doc, planned_one = not_reached(number), not_reached(later)
	fallback.run(planned_one.name)
	for one in (doc, planned_one):
		actions.cancel(one.name)
	frappe.db.commit()
	follow_up(doc, carrier)
	follow_up(planned_one, carrier)
	assert not texts(carrier, number) and not texts(carrier, later)
	assert called(doc).fallback is None and text_of(planned_one).status == "Cancelled"


@pytest.mark.exhaustive
def test_a_paused_campaign_waits(carrier, not_reached):
	number = make.phone()
	doc = not_reached(number)
	actions.pause(doc.name)
	follow_up(doc, carrier)
	assert not texts(carrier, number)
	actions.resume(doc.name)
	follow_up(doc, carrier)
	assert len(texts(carrier, number)) == 1


@pytest.mark.exhaustive
def test_a_killed_worker_leaves_one_text(carrier, not_reached, monkeypatch):
	number = make.phone()
	doc = not_reached(number)

	def killed(*_arguments, **_more):
		raise KeyboardInterrupt

	with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
		patch.setattr(fallback, "mark_households", killed)
		fallback.run(doc.name)
	frappe.db.rollback()
	for _ in range(3):
		follow_up(doc, carrier)
	assert len(texts(carrier, number)) == 1 and state_of(doc) == states.COMPLETED


def test_a_text_that_failed_is_not_sent_again(carrier, not_reached):
	number = make.phone()
	doc = not_reached(number)
	carrier.control(
		"people", {number: {"behaviour": "no answer", "text": {"delivery": "undelivered", "error": 30003}}}
	)
	follow_up(doc, carrier)
	follow_up(doc, carrier)
	assert len(texts(carrier, number)) == 1 and text_of(doc).status == "Not Reached"
	assert state_of(doc) == states.COMPLETED


@pytest.mark.exhaustive
def test_money_counts_both(carrier, not_reached, school):
	doc = not_reached(make.phone(), spend_limit=100)
	follow_up(doc, carrier)
	used, reserved = limits.spent(doc, 1.0)
	segment = frappe.db.get_single_value("Dialer Settings", "price_per_segment")
	assert (used, reserved) == (pytest.approx(segment), 0)
	assert desk.progress(doc.name)["spent"] == pytest.approx(segment)


def test_the_estimate_says_what_the_texts_may_cost(school):
	number = make.phone()
	make.consent(number)
	plain = make.campaign([number])
	doc = make.campaign([number], text_fallback=1)
	without, estimate = (desk.preview_audience(one.name)["estimate"] for one in (plain, doc))
	assert (without["texts"], estimate["texts"]) == (0, 1)
	assert estimate["most"] > without["most"] and estimate["cost"] == without["cost"]


def test_it_is_an_option_of_calls_only(school):
	assert not make.campaign(channel="Text", text_fallback=1).text_fallback


@pytest.mark.exhaustive
def test_a_chunk_takes_a_fixed_number_of_queries(carrier, answering):
	def queries(count: int) -> int:
		numbers = make.many_phones(count)
		make.consents(numbers)
		doc = make.campaign(numbers, text_fallback=1)
		prepare(doc)
		frappe.db.sql("update `tabDialer Recipient` set status = 'Not Reached' where campaign = %s", doc.name)
		frappe.db.commit()
		with statements.collected() as seen:
			assert fallback.plan_texts(doc.name) == count
		actions.cancel(doc.name)
		frappe.db.commit()
		return len(seen)

	queries(3)
	assert queries(40) == queries(4) <= 28


# Tests of e-mail.


def test_the_last_resort_is_an_e_mail(carrier, answering, mailer):
	doc, _klass = family(answering, carrier, {"Ana": "ana@family.example", "Ben": ""})
	assert state_of(doc) == states.RUNNING
	for _ in range(2):
		follow_up(doc, carrier)
	assert addresses(doc) == {"ana@family.example"}
	(mail,) = mails(doc)
	assert "concert is on Thursday" in mail.message and "dialer-preferences" in mail.message
	done = {row.fallback: row.fallback_reason for row in rows_of(doc)}
	assert done == {"E-mail": None, "None": "no e-mail address on record"}
	assert state_of(doc) == states.COMPLETED


@pytest.mark.parametrize("reach", ["Everyone", ONE_GUARDIAN])
@pytest.mark.parametrize("bens", ["ben@family.example", "ana+ben@family.example"])
def test_each_person_at_a_number_gets_an_e_mail_of_their_own(carrier, answering, mailer, reach, bens):
	home = make.phone()
	klass = SchoolClass([{"Ana": [home], "Ben": [home]}])
	for name, address in {"Ana": "ana@family.example", "Ben": bens}.items():
		frappe.db.set_value("Guardian", f"{klass.tag}-{name}", "email_address", address)
	answering(home, "no answer")
	doc = klass.campaign(max_attempts=1, email_fallback=1, reach=reach)
	prepare(doc)
	dial(carrier)
	follow_up(doc, carrier)
	both = reach == "Everyone" and not bens.startswith("ana")
	assert addresses(doc) == {"ana@family.example", *([bens] if both else [])}


def test_whose_number_was_corrected_since_the_call_still_gets_the_e_mail(carrier, answering, mailer):
	doc, klass = family(answering, carrier, {"Ana": "ana@family.example"})
	frappe.db.set_value("Guardian", f"{klass.tag}-Ana", "mobile_number", make.phone())
	frappe.db.commit()
	follow_up(doc, carrier)
	assert addresses(doc) == {"ana@family.example"}


def test_an_e_mail_holds_no_record(carrier, answering, mailer):
	message = make.template("Attendance", text=0, said=ABSENT)
	doc, _klass = family(
		answering, carrier, {"Ana": "ana@family.example"}, purpose="Attendance", template=message
	)
	follow_up(doc, carrier)
	(mail,) = mails(doc)
	assert "call us back" in mail.message and "absent" not in mail.message


@pytest.mark.exhaustive
def test_a_delivered_text_makes_it_needless_and_a_failed_one_does_not(carrier, answering, mailer):
	doc, klass = family(
		answering, carrier, {"Ana": "ana@family.example", "Ben": "ben@family.example"}, text_fallback=1
	)
	carrier.control(
		"people", {klass.numbers["Ben"][0]: {"behaviour": "no answer", "text": {"delivery": "undelivered"}}}
	)
	follow_up(doc, carrier)
	follow_up(doc, carrier)
	assert addresses(doc) == {"ben@family.example"} and state_of(doc) == states.COMPLETED


@pytest.mark.exhaustive
@pytest.mark.parametrize("scope", ["all non-emergency", "everything"])
def test_who_refused_gets_none(carrier, answering, mailer, scope):
	doc, klass = family(answering, carrier, {"Ana": "ana@family.example"})
	ledger.opt_out(klass.numbers["Ana"][0], scope=scope, evidence=make.evidence("Agent"))
	follow_up(doc, carrier)
	assert not mails(doc)
	(row,) = rows_of(doc)
	assert (row.fallback, row.fallback_reason) == ("None", "refused, or restricted")


def test_who_is_restricted_gets_none(carrier, answering, mailer):
	doc, klass = family(answering, carrier, {"Ana": "ana@family.example"})
	frappe.db.set_value(
		"Student Guardian", {"parent": klass.student(0)}, "dialer_contact_permission", "None by Court Order"
	)
	follow_up(doc, carrier)
	assert not mails(doc) and rows_of(doc)[0].fallback == "None"


@pytest.mark.parametrize(
	"theirs", ["Home@family.example", " home+school@Family.example", "Pat <home@family.example>"]
)
def test_no_e_mail_to_an_address_that_a_barred_guardian_shares(carrier, answering, mailer, theirs):
	doc, klass = family(answering, carrier, {"Ana": "home@family.example", "Ben": "ben@family.example"})
	frappe.db.set_value("Guardian", f"{klass.tag}-Ben", "email_address", theirs)
	link = frappe.copy_doc(frappe.get_doc("Student Guardian", {"parent": klass.student(0)}))
	link.update({"guardian": f"{klass.tag}-Ben", "dialer_contact_permission": "None by Court Order"})
	link.db_insert()
	follow_up(doc, carrier)
	done = {row.phone: (row.fallback, row.fallback_reason) for row in rows_of(doc)}
	assert done[klass.numbers["Ana"][0]] == ("None", "refused, or restricted")


@pytest.mark.parametrize(("theirs", "written_to"), [("", True), ("ana@family.example", False)])
def test_the_number_and_the_address_of_whom_a_hold_keeps_it_from_are_left_out(
	carrier, answering, mailer, theirs, written_to
):
	"""Check a mother whose home phone is on the record of a father from whom the school keeps the child."""
	home, mobile = make.phone(), make.phone()
	klass = SchoolClass([{"Ana": [mobile, home], "Ben": [home]}])
	for name, address in {"Ana": "ana@family.example", "Ben": theirs}.items():
		frappe.db.set_value("Guardian", f"{klass.tag}-{name}", "email_address", address)
	for number in (home, mobile):
		answering(number, "no answer")
	doc = klass.campaign(max_attempts=1, email_fallback=1)
	prepare(doc)
	choice(klass.student(0), "Safety Hold", guardian=f"{klass.tag}-Ben")
	frappe.db.commit()
	dial(carrier)
	follow_up(doc, carrier)
	assert (addresses(doc) if mails(doc) else set()) == ({"ana@family.example"} if written_to else set())


def test_the_same_words_share_an_entry_of_the_queue(carrier, answering, mailer):
	doc, _klass = family(answering, carrier, {f"G{index}": f"g{index}@family.example" for index in range(4)})
	follow_up(doc, carrier)
	assert len(mails(doc)) == 1 and len(addresses(doc)) == 4


def test_without_an_account_it_cannot_start(school, monkeypatch):
	monkeypatch.setattr(validation.EmailAccount, "find_outgoing", classmethod(lambda cls, **_more: None))
	number = make.phone()
	make.consent(number)
	doc = make.campaign([number], email_fallback=1)
	with pytest.raises(frappe.ValidationError, match="Email Account"):
		actions.start(doc.name)
