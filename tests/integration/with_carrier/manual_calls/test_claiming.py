"""Each family is with one person for a while, and not with the machine; a claim that is left comes back."""

from datetime import timedelta

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.base.database.transactions import retried
from school_dialer.campaigns.call_order import ContactPoint
from school_dialer.campaigns.due import all_campaigns_due
from school_dialer.consent import ledger
from school_dialer.manual_calls import claiming, listing, outcomes, work
from school_dialer.outbound.attempts import claims
from tests.integration import factories as make


def take_next(user: str, *languages: str) -> str | None:
	name = retried(lambda: claiming.next_family(user, languages))
	frappe.db.commit()
	return name


def row_of(name: str):
	frappe.db.rollback()
	return frappe.db.get_value(listing.DOCTYPE, name, [*claiming.READ], as_dict=True)


def held_until(row):
	return frappe.db.get_value("Dialer Recipient", row.recipient, "held_until")


def note(name: str, user: str, outcome: str, **more) -> str:
	status = retried(lambda: outcomes.note(name, user, outcomes.Noted(outcome, **more)))
	frappe.db.commit()
	return status


@pytest.fixture
def waiting_again(unreached):
	"""Return a function that makes the machine's next call to a listed family due."""

	def of(row) -> None:
		frappe.db.sql(
			"update `tabDialer Recipient` set status = 'Retry', not_before = %s where name = %s",
			(clock.db_now(), row.recipient),
		)
		frappe.db.set_value("Dialer Campaign", row.campaign, {"status": "Running", "deadline": None})
		frappe.db.commit()

	return of


def test_the_most_urgent_first(unreached, clerk):
	_doc, events = unreached()
	_doc, attendance = unreached(purpose="Attendance")
	(event,), (absence,) = events.values(), attendance.values()
	one, two = clerk(), clerk()
	assert [take_next(one), take_next(two), take_next(clerk())] == [absence.name, event.name, None]


def test_a_second_click_takes_no_second_family(unreached, clerk):
	unreached(2)
	user = clerk()
	assert take_next(user) == take_next(user)


def test_only_languages_that_the_clerk_speaks(unreached, clerk):
	_doc, rows = unreached(2)
	spanish, english = rows.values()
	frappe.db.set_value(listing.DOCTYPE, spanish.name, "language", "es")
	frappe.db.set_value(listing.DOCTYPE, english.name, "language", "en")
	frappe.db.commit()
	assert take_next(clerk(), "es") == spanish.name
	assert take_next(clerk(), "vi") is None
	assert take_next(clerk(), "vi", "en") == english.name


def test_the_machine_leaves_alone_whom_a_person_has(unreached, clerk, waiting_again):
	_doc, rows = unreached()
	(row,) = rows.values()
	waiting_again(row)
	assert [one.name for one in all_campaigns_due() if one.name == row.campaign]
	frappe.db.rollback()
	user = clerk()
	take_next(user)
	assert not [one.name for one in all_campaigns_due() if one.name == row.campaign]
	assert claims.claim(row.campaign, 5) == []
	retried(lambda: claiming.release(row.name, user))
	frappe.db.commit()
	assert [one.name for one in claims.claim(row.campaign, 5)] == [row.recipient]
	claims.release([frappe._dict(name=row.recipient, claim="x")])


def test_the_last_look_before_dialing_respects_a_claim_too(unreached, waiting_again):
	_doc, rows = unreached()
	(row,) = rows.values()
	waiting_again(row)
	found = claims.claim(row.campaign, 5)
	assert len(claims.still_due(row.campaign, found)) == 1
	soon = clock.to_db(clock.now() + timedelta(minutes=5))
	frappe.db.set_value("Dialer Recipient", row.recipient, "held_until", soon)
	assert claims.still_due(row.campaign, found) == []


def test_no_one_claims_whom_the_machine_is_calling(unreached, clerk, waiting_again):
	_doc, rows = unreached()
	(row,) = rows.values()
	waiting_again(row)
	claims.claim(row.campaign, 5)
	user = clerk()
	assert take_next(user) is None
	with pytest.raises(claiming.Taken, match="machine is calling"):
		retried(lambda: claiming.claim(row.name, user))


def test_another_clerk_is_told_who_has_it(unreached, clerk):
	_doc, rows = unreached()
	(row,) = rows.values()
	take_next(clerk())
	with pytest.raises(claiming.Taken, match="Clerk has this family"):
		retried(lambda: claiming.claim(row.name, clerk()))


def test_a_claim_that_is_left_comes_back(unreached, clerk, pass_time):
	_doc, rows = unreached()
	(row,) = rows.values()
	first, second = clerk(), clerk()
	take_next(first)
	assert held_until(row) == row_of(row.name).claimed_until
	pass_time(minutes=10, seconds=1)
	claiming.lapse()
	frappe.db.commit()
	found = row_of(row.name)
	assert (found.status, found.claimed_by, held_until(row)) == (work.WAITING, None, None)
	assert take_next(second) == row.name
	with pytest.raises(claiming.NotYours):
		note(row.name, first, work.REACHED)


def test_the_next_clerk_gets_it_without_the_tick(unreached, clerk, pass_time):
	_doc, rows = unreached()
	(row,) = rows.values()
	take_next(clerk())
	pass_time(minutes=10, seconds=1)
	assert take_next(clerk()) == row.name


def test_keeping_it_longer(unreached, clerk, pass_time):
	_doc, rows = unreached()
	(row,) = rows.values()
	user = clerk()
	take_next(user)
	pass_time(minutes=9)
	retried(lambda: claiming.keep(row.name, user))
	frappe.db.commit()
	pass_time(minutes=15)
	claiming.lapse()
	assert row_of(row.name).claimed_by == user and held_until(row) == row_of(row.name).claimed_until


def test_a_disabled_user_loses_it(unreached, clerk):
	_doc, rows = unreached()
	(row,) = rows.values()
	user = clerk()
	take_next(user)
	doc = frappe.get_doc("User", user)
	doc.enabled = 0
	doc.save()
	frappe.db.commit()
	assert row_of(row.name).status == work.WAITING and held_until(row) is None


def test_opted_out_between_listing_and_claiming(unreached, clerk):
	_doc, rows = unreached()
	(row,) = rows.values()
	frappe.db.sql("update `tabDialer Manual Call` set phone = phone where name = %s", row.name)
	ledger.opt_out(row.phone, evidence=make.evidence("Agent"))
	frappe.db.set_value(listing.DOCTYPE, row.name, {"status": work.WAITING, "outcome": None})
	frappe.db.commit()
	assert take_next(clerk()) is None
	assert row_of(row.name).outcome == work.NOT_PERMITTED


@pytest.mark.parametrize(
	("outcome", "status", "more"),
	[
		(work.REACHED, work.DONE, {}),
		(work.NO_ANSWER, work.WAITING, {}),
		(work.LEFT_MESSAGE, work.WAITING, {}),
		(work.WRONG_NUMBER, work.DONE, {}),
		(work.STOP, work.DONE, {}),
		(work.LATER, work.WAITING, {"later": timedelta(hours=2)}),
	],
)
def test_outcomes(unreached, clerk, outcome, status, more):
	_doc, rows = unreached()
	(row,) = rows.values()
	user = clerk()
	take_next(user)
	later = {"later": clock.now() + more["later"]} if more else {}
	assert note(row.name, user, outcome, by_own_phone=True, note="N", **later) == status
	found = row_of(row.name)
	assert (found.outcome, found.note, found.attempts, found.done_by) == (outcome, "N", 1, user)
	assert (found.claimed_by, held_until(row)) == (None, None)
	stopped = bool(ledger.read([row.phone])[row.phone].opt_outs)
	assert stopped == (outcome in work.RECORDED)
	reached = frappe.db.get_value("Dialer Recipient", row.recipient, "status") == "Reached"
	assert reached == (outcome == work.REACHED)
	if status == work.WAITING:
		assert found.not_before > clock.db_now() and take_next(clerk()) is None


def test_the_wrong_number_of_a_household_with_another(unreached, clerk):
	_doc, rows = unreached()
	(row,) = rows.values()
	other = make.unlisted_phone()
	make.parties(
		row.recipient, *(ContactPoint(phone, "", "", "Father", "en") for phone in (row.phone, other))
	)
	frappe.db.commit()
	user = clerk()
	take_next(user)
	assert note(row.name, user, work.WRONG_NUMBER) == work.WAITING
	found = row_of(row.name)
	assert (found.phone, found.person_name) == (other, "Father") and row.phone[-2:] not in found.phone_masked
	assert take_next(clerk()) == row.name


def test_taking_an_outcome_back(unreached, clerk, pass_time):
	_doc, rows = unreached()
	(row,) = rows.values()
	user, other = clerk(), clerk()
	take_next(user)
	note(row.name, user, work.REACHED)
	with pytest.raises(frappe.ValidationError, match="Only who noted"):
		retried(lambda: outcomes.take_back(row.name, other))
	retried(lambda: outcomes.take_back(row.name, user))
	frappe.db.commit()
	found = row_of(row.name)
	assert (found.status, found.claimed_by, found.outcome) == (work.CALLED, user, None)
	assert frappe.db.get_value("Dialer Recipient", row.recipient, "status") == "Not Reached"
	note(row.name, user, work.NO_ANSWER)
	pass_time(minutes=10, seconds=1)
	with pytest.raises(frappe.ValidationError, match="too late"):
		retried(lambda: outcomes.take_back(row.name, user))


def test_what_is_in_the_ledger_is_not_taken_back(unreached, clerk):
	_doc, rows = unreached()
	(row,) = rows.values()
	user = clerk()
	take_next(user)
	note(row.name, user, work.STOP)
	assert not frappe.db.get_value("Consent Event", {"phone": row.phone, "kind": "Opt Out"}, "person")
	with pytest.raises(frappe.ValidationError, match="ledger"):
		retried(lambda: outcomes.take_back(row.name, user))


def test_a_stop_names_the_person_on_record_who_asked_for_it(unreached, clerk):
	_doc, rows = unreached()
	(row,) = rows.values()
	person = {"person_doctype": "Guardian", "person": make.guardian("Ana", row.phone).name}
	frappe.db.set_value("Dialer Manual Call", row.name, dict(person))
	frappe.db.commit()
	user = clerk()
	take_next(user)
	note(row.name, user, work.STOP)
	event = {"phone": row.phone, "kind": "Opt Out"}
	assert frappe.db.get_value("Consent Event", event, [*person], as_dict=True) == person
	frappe.delete_doc("Guardian", person["person"], force=True)
	frappe.db.commit()


def test_a_manager_gives_up_a_family(unreached, clerk):
	_doc, rows = unreached()
	(row,) = rows.values()
	user = clerk()
	take_next(user)
	outcomes.give_up(row.name, "Administrator", "Moved away")
	frappe.db.commit()
	assert (row_of(row.name).outcome, held_until(row)) == (work.GIVEN_UP, None)


def test_campaigns_count_who_was_reached_by_a_person(unreached, clerk):
	doc, rows = unreached(2)
	user = clerk()
	name = take_next(user)
	note(name, user, work.REACHED)
	states = sorted(row.status for row in make.recipients(doc.name))
	assert states == ["Not Reached", "Reached"] and len(rows) == 2
