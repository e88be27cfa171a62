"""What was wrong and is corrected is said to no one any more, by a member of staff either."""

import frappe
import pytest

from school_dialer.base.database.transactions import retried
from school_dialer.campaigns import actions
from school_dialer.campaigns.corrections import making
from school_dialer.gate.doc_events import CallNotPermitted
from school_dialer.manual_calls import claiming, listing, placing, work
from tests.integration import factories as make
from tests.integration.with_carrier.corrections import carry_out, correct
from tests.integration.with_carrier.running import dial, prepare


@pytest.fixture
def heard_in_part(carrier, answering):
	"""A campaign that one family heard and another did not. Return it and the number of the other."""
	heard, deaf = make.unlisted_phone(), make.unlisted_phone()
	for number, behaviour in ((heard, "answers"), (deaf, "no answer")):
		make.consent(number)
		answering(number, behaviour)
	doc = make.campaign([heard, deaf], purpose="Event")
	prepare(doc)
	dial(carrier)
	return doc, deaf


def fill() -> None:
	listing.fill()
	frappe.db.commit()


def take_next(user: str) -> str | None:
	name = retried(lambda: claiming.next_family(user, ()))
	frappe.db.commit()
	return name


def test_no_one_phones_a_family_about_it(carrier, heard_in_part, of_list, clerk):
	doc, deaf = heard_in_part
	fill()
	row = of_list(doc)[deaf]
	correction = correct(doc)
	assert take_next(clerk()) is None
	with pytest.raises(claiming.Taken, match="wrong"):
		claiming.claim(row.name, clerk())
	frappe.db.rollback()
	fill()
	assert of_list(doc)[deaf].status == work.WAITING, "the correction may still be undone"
	carry_out(correction, carrier)
	fill()
	row = of_list(doc)[deaf]
	assert (row.status, row.outcome) == (work.DONE, work.NOT_NEEDED)


def test_a_family_that_someone_has_is_not_phoned(heard_in_part, of_list, clerk):
	doc, deaf = heard_in_part
	fill()
	user = clerk()
	name = take_next(user)
	assert name == of_list(doc)[deaf].name
	correct(doc)
	with pytest.raises(CallNotPermitted, match="wrong"):
		placing.call(name, user)


def test_none_comes_onto_the_list(heard_in_part, of_list):
	doc, _deaf = heard_in_part
	correct(doc)
	fill()
	assert of_list(doc) == {}


def test_after_the_correction_was_undone_they_are_phoned(heard_in_part, of_list, clerk):
	doc, deaf = heard_in_part
	fill()
	correction = correct(doc)
	fill()
	making.undo(correction.name)
	frappe.db.commit()
	assert take_next(clerk()) == of_list(doc)[deaf].name


def test_a_campaign_that_is_being_corrected_is_not_resumed(heard_in_part):
	doc, _deaf = heard_in_part
	frappe.db.set_value("Dialer Campaign", doc.name, "status", "Paused")
	correction = frappe.get_doc(
		{
			"doctype": "Dialer Campaign",
			"title": f"{make.OURS}correction",
			"purpose": doc.purpose,
			"channel": doc.channel,
			"template": doc.template,
			"audience_source": "Those who heard another campaign",
		}
	).insert()
	correction.db_set("corrects", doc.name)
	with pytest.raises(frappe.ValidationError, match="wrong"):
		actions.resume(doc.name)
