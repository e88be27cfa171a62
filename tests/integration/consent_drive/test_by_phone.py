"""Waves by text and call make draft campaigns with exactly those who agreed to that channel already."""

from collections.abc import Iterator
from datetime import timedelta

import frappe
import pytest

from school_dialer.base import clock, states
from school_dialer.campaigns import actions as campaign_actions
from school_dialer.campaigns import message_content
from school_dialer.campaigns.planning import planner
from school_dialer.consent import ledger
from school_dialer.consent_drive import actions, jobs, preview, progress
from school_dialer.consent_drive.by_phone import form_link, message, who
from school_dialer.consent_form import requests
from school_dialer.messages import phrases
from tests.integration import districts
from tests.integration import factories as make

SETTINGS = "Dialer Settings"


@pytest.fixture
def text_drive(drive):
	"""Return a function that saves a draft with one wave by text and no letter to the others."""

	def saved(*waves: tuple[int, str], **values):
		doc = drive(*waves or ((0, "Text"),), **values)
		frappe.db.set_value("Dialer Consent Wave", {"parent": doc.name}, "else_letter", 0)
		frappe.db.commit()
		return frappe.get_doc(doc.doctype, doc.name)

	return saved


@pytest.fixture
def named_school() -> Iterator[None]:
	"""Give the school a name to say, which a site has only after its settings were filled in."""

	def change(name: str) -> None:
		frappe.db.set_single_value(SETTINGS, "caller_identity", name)
		frappe.db.commit()
		frappe.clear_document_cache(SETTINGS, SETTINGS)

	before = frappe.db.get_single_value(SETTINGS, "caller_identity")
	change("Riverside School")
	yield
	frappe.db.rollback()
	change(before)


def agreed(school_class, short: str, purpose: str = "General", channel: str = "Text", **more) -> str:
	number = school_class.family(short)
	make.consent(number, purpose, channel, **more)
	frappe.db.commit()
	return number


def test_those_who_agreed_to_texts_and_no_one_else(school_class, text_drive):
	now = clock.now()
	agreed(school_class, "general")
	agreed(school_class, "fees", "Fees")
	agreed(school_class, "caller", "Event", "Voice")
	agreed(school_class, "lapsed", expires_at=now - timedelta(days=1))
	agreed(school_class, "donor", "Fundraising", basis="express written")
	ledger.opt_out(agreed(school_class, "stopped"), evidence=make.evidence("Text"))
	ledger.wrong_number(agreed(school_class, "stranger"), evidence=make.evidence("Keypad"))
	by_text = {"scope": "this purpose", "channel": "Text", "purpose": "General"}
	ledger.opt_out(agreed(school_class, "refused", "Fees"), evidence=make.evidence("Text"), **by_text)
	school_class.family("never")
	frappe.db.commit()
	draft = text_drive()
	assert preview.count(draft)["phones"]["Text"]["may"] == preview.count(draft)["by_phone"] == 2
	name = school_class.start(draft)
	assert school_class.in_campaigns(name) == {"general": "General", "fees": "Fees"}
	made = school_class.campaigns(name)
	assert {(one.purpose, one.channel, one.status) for one in made} == {
		("General", "Text", "Draft"),
		("Fees", "Text", "Draft"),
	}
	asked = school_class.families(name)
	assert {row.state for row in asked.values()} == {"Waiting"}
	assert {one.way for one in school_class.requests(name)} == {requests.TEXT}


def test_calls_go_to_those_who_agreed_to_calls(school_class, text_drive):
	agreed(school_class, "texter", "Fees", "Text")
	agreed(school_class, "caller", "Fees", "Voice")
	name = school_class.start(text_drive((0, "Call")))
	assert school_class.in_campaigns(name) == {"caller": "Fees"}
	assert not school_class.requests(name)
	(made,) = school_class.campaigns(name)
	assert made.channel == "Voice" and made.template == "Consent request by call (Fees)"


def test_asking_for_fund_raising_needs_the_written_consent_to_it(school_class, text_drive):
	agreed(school_class, "general")
	agreed(school_class, "donor", "Fundraising", basis="express written")
	agreed(school_class, "unwritten", "Fundraising")
	name = school_class.start(text_drive(purpose="Fundraising"))
	assert school_class.in_campaigns(name) == {"donor": "Fundraising"}


def test_the_job_makes_each_campaign_and_request_once(school_class, text_drive):
	for place in range(3):
		agreed(school_class, f"f{place}")
	name = school_class.start(text_drive())
	for _time in range(2):
		jobs.run(name)
	assert len(school_class.campaigns(name)) == 1 and len(school_class.requests(name)) == 3
	with pytest.raises(frappe.ValidationError, match="started already"):
		actions.start(name, 3)


def test_the_others_get_a_letter_if_the_wave_says_so(school_class, drive):
	agreed(school_class, "Ana")
	school_class.family("Bo")
	draft = drive((0, "Text"))
	found = preview.count(draft)
	assert (found["by_phone"], found["letters"]) == (1, 1)
	name = school_class.start(draft)
	assert {short: row.last_way for short, row in school_class.families(name).items()} == {
		"Ana": None,
		"Bo": "Letter",
	}


def test_a_number_of_a_barred_guardian_is_not_used(school_class, text_drive):
	number = school_class.adult("Ana")
	make.consent(number, "General", "Text")
	school_class.adult("barred")
	frappe.db.set_value("Guardian", school_class.name("barred"), "alternate_number", number)
	school_class.child("Ada", "Ana", "barred", barred="None by Court Order")
	frappe.db.commit()
	name = school_class.start(text_drive())
	assert school_class.in_campaigns(name) == {}


def test_a_compliance_officer_may_start_a_drive_and_not_its_campaigns(school_class, text_drive, as_role):
	agreed(school_class, "Ana")
	draft = text_drive()
	actions.start(draft.name, 1)
	frappe.db.commit()
	user = as_role("Dialer Compliance Officer", "Academics User")
	jobs.run(draft.name)
	(made,) = school_class.campaigns(draft.name)
	assert made.status == "Draft" and not frappe.has_permission("Dialer Campaign", "create", user=user)


def test_what_its_people_agreed_to_is_not_changed(school_class, text_drive):
	agreed(school_class, "Ana", "Fees")
	(made,) = school_class.campaigns(school_class.start(text_drive()))
	doc = frappe.get_doc("Dialer Campaign", made.name)
	doc.update({"purpose": "General", "channel": "Voice", "audience_source": "All guardians", "title": "New"})
	doc.save()
	doc.reload()
	assert (doc.purpose, doc.channel, doc.audience_source, doc.title) == (
		"Fees",
		"Text",
		"Families of a consent drive",
		"New",
	)
	copy = frappe.copy_doc(doc)
	copy.insert()
	assert not copy.consent_drive and not planner.source_of(copy).chunk("", 10)[0]
	with pytest.raises(frappe.ValidationError, match="consent drive makes"):
		planner.source_of(copy).check()


def test_previews_hold_no_secret(school_class, text_drive, named_school):
	agreed(school_class, "Ana")
	name = school_class.start(text_drive())
	doc = frappe.get_doc("Dialer Campaign", school_class.campaigns(name)[0].name)
	options = planner.preview(doc)
	assert [option.candidate.person for option in options] == [school_class.name("Ana")]
	(sample,) = message_content.samples(doc, options)
	assert form_link.sample() in sample["message"]
	assert requests.token(school_class.families(name)["Ana"].request) not in frappe.as_json(sample)
	assert requests.open_request(form_link.sample().partition("?t=")[2]) is None


def test_an_ended_drive_cancels_its_campaigns_and_a_paused_one_starts_none(school_class, text_drive):
	agreed(school_class, "Ana")
	agreed(school_class, "Bo", "Fees")
	name = school_class.start(text_drive())
	running, draft = (one.name for one in school_class.campaigns(name))
	frappe.db.set_value("Dialer Campaign", running, "status", states.PREPARING)
	actions.change(name, "pause")
	assert frappe.db.get_value("Dialer Campaign", running, "status") == states.PAUSED
	with pytest.raises(frappe.ValidationError, match="Resume it first"):
		planner.source_of(frappe.get_doc("Dialer Campaign", draft)).check()
	actions.change(name, "end")
	assert {one.status for one in school_class.campaigns(name)} == {states.CANCELLED}
	source = planner.source_of(frappe.get_doc("Dialer Campaign", draft))
	assert source.chunk("", 10) == ([], None)


def test_a_canceled_draft_frees_its_families(school_class, text_drive):
	agreed(school_class, "Ana")
	name = school_class.start(text_drive())
	(first,) = school_class.campaigns(name)
	request = school_class.families(name)["Ana"].request
	campaign_actions.cancel(first.name)
	frappe.db.commit()
	jobs.run(name)
	assert school_class.in_campaigns(name) == {}
	assert requests.open_request(requests.token(request)) is None
	actions.make_again(name)
	frappe.db.commit()
	jobs.run(name)
	assert [one.status for one in school_class.campaigns(name)] == ["Cancelled", "Draft"]
	assert school_class.in_campaigns(name) == {"Ana": "General"}


def test_a_deleted_draft_frees_its_families(school_class, text_drive):
	agreed(school_class, "Ana")
	name = school_class.start(text_drive())
	frappe.delete_doc("Dialer Campaign", school_class.campaigns(name)[0].name)
	frappe.db.commit()
	jobs.run(name)
	row = school_class.families(name)["Ana"]
	assert (row.last_wave, row.request) == (0, None)


def test_a_campaign_for_each_school_with_its_own_families(school_class, text_drive):
	with districts.district("North", "South", committed=True) as (north, south):
		for short, schools in (("Ana", (north,)), ("Bo", (south,)), ("Cleo", (north, south))):
			make.consent(school_class.adult(short), "General", "Text")
			for place, one in enumerate(schools):
				child = school_class.child(f"{short} {place}", short, born=f"201{5 + place}-01-01")
				frappe.db.set_value("Student", child, "dialer_school", one)
		frappe.db.commit()
		name = school_class.start(text_drive())
		people = {}
		for made in school_class.campaigns(name):
			options = planner.preview(frappe.get_doc("Dialer Campaign", made.name))
			people[made.school] = {
				option.candidate.person.removeprefix(f"{school_class.tag}-"): option.answer.students
				for option in options
			}
		assert set(people) == {north, south}
		assert set(people[north]) == {"Ana"} and set(people[south]) == {"Bo", "Cleo"}
		assert people[south]["Cleo"] == (school_class.name("Cleo 1"),)
		frappe.set_user(districts.user(("Dialer Manager",), (north,)))
		assert {one.school for one in progress.progress_of(name)["campaigns"]} <= {north}
		frappe.set_user("Administrator")
		frappe.db.rollback()
		school_class.close()


def test_the_words_are_in_the_shipped_languages_and_fit_every_purpose(school_class):
	assert set(message.words()) == set(phrases.languages())
	for way in who.WAYS:
		for purpose in (*who.SCHOOL_PURPOSES, "Fundraising"):
			assert frappe.db.exists("Dialer Message Template", message.template_for(way, purpose))
	frappe.db.rollback()


def test_the_number_of_queries_does_not_depend_on_the_families(school_class, queries):
	def asked(count: int) -> list[who.Asked]:
		found = []
		for place in range(count):
			number = agreed(school_class, f"{count} {place}", "Fees")
			found.append(
				who.Asked(str(place), "Guardian", school_class.name(f"{count} {place}"), (number,), ())
			)
		return found

	few, many = asked(1), asked(12)
	who.purposes_of(few, "Text", "General")
	assert queries(lambda: who.purposes_of(many, "Text", "General")) <= queries(
		lambda: who.purposes_of(few, "Text", "General")
	)
