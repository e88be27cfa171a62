"""What looks like a mistake is asked before a start, and kept with who confirmed it."""

import json
from collections import Counter
from datetime import datetime, timedelta

import frappe
import pytest
from frappe.utils import add_days, add_to_date

from school_dialer import scheduler
from school_dialer.base import clock, states
from school_dialer.campaigns import actions
from school_dialer.campaigns.plausibility import links, look, questions
from school_dialer.campaigns.plausibility.facts import Facts
from school_dialer.desk import campaigns as desk
from tests.integration import factories as make
from tests.integration.emergencies import FIRE, as_user
from tests.integration.with_carrier.campaigns.plausibility.conftest import asked, earlier, keys
from tests.integration.with_carrier.running import prepare, state_of
from tests.unit.campaigns.plausibility.ordinary import ORDINARY

pytestmark = pytest.mark.dates

OFFICER = "compliance@riverside.example"
ABSENT = "Your child was absent today."


def past() -> str:
	day = clock.db_now().date() - timedelta(days=8)
	return f"The concert is on {day:%B} {day.day}."


def test_a_start_waits_until_each_question_is_confirmed(to_class):
	doc = to_class(past() + " It is in [PLACE].")
	found = desk.preview_audience(doc.name)["questions"]
	assert [one["second_person"] for one in found] == [False, False]
	assert "[PLACE]" in found[1]["sentence"] and all(one["remedy"] for one in found)
	for agreed in (None, "[]", json.dumps([found[0]["key"]])):
		with pytest.raises(questions.NotConfirmed, match="PLACE"):
			desk.start(doc.name, 0, agreed)
	assert state_of(doc) == states.DRAFT
	desk.start(doc.name, 0, json.dumps([one["key"] for one in found]))
	row = frappe.get_doc("Dialer Campaign", doc.name)
	assert row.status == states.PREPARING
	assert [one["by"] for one in json.loads(row.plausibility)] == ["Administrator"] * 2
	assert row.asked_before_start.count("Administrator") == 2


@pytest.mark.parametrize(
	"agreed",
	["", "{}", "7", '"PAST"', "[" * 500, "[1, null]", '["' + "x" * 30_000 + '"]', "not JSON", '[["PAST"]]'],
)
def test_a_hostile_answer_confirms_nothing(to_class, agreed):
	doc = to_class(past())
	with pytest.raises(questions.NotConfirmed):
		desk.start(doc.name, 0, agreed)


def test_forms_do_not_say_what_was_confirmed(to_class):
	doc = to_class(past(), plausibility='[{"key": "PAST"}]', asked_before_start="Confirmed")
	assert not doc.plausibility and not doc.asked_before_start


@pytest.mark.parametrize("language", sorted(ORDINARY))
def test_ordinary_campaigns_are_asked_about_nothing(to_class, set_clock, language):
	set_clock(datetime(2026, 11, 30, 16, 30, tzinfo=clock.UTC))
	found = {}
	for text in ORDINARY[language]:
		said = {"language": language, "voice": text, "voicemail": text, "text": text}
		for channel in ("Voice", "Text"):
			doc = to_class(said, channel=channel)
			if codes := asked(doc):
				found[channel, text] = codes
	assert found == {}


def test_the_messages_that_come_with_the_app_ask_nothing(families):
	found = {}
	for name in frappe.get_all("Dialer Message Template", {"name": ("not like", "Test%")}, pluck="name"):
		template = frappe.get_doc("Dialer Message Template", name)
		doc = frappe.new_doc("Dialer Campaign")
		doc.update(
			{
				"purpose": template.purpose,
				"template": name,
				"channel": "Voice" if template.voice else "Text",
				"audience_source": "Guardians of a Student Group",
				"audience_name": families.group,
				"audience_doctype": "Student Group",
			}
		)
		if codes := [one.code for one in look.findings(doc)]:
			found[name] = codes
	assert found == {}


def test_an_emergency_is_asked_and_never_refused(to_class, staff):
	said = past() + " Call {name}."
	doc = to_class(said, "Emergency", **FIRE)
	frappe.db.commit()
	as_user("communications@riverside.example", actions.start, doc.name)
	row = frappe.get_doc("Dialer Campaign", doc.name)
	assert row.status == states.AWAITING and row.asked_before_start.count("Not confirmed") == 2
	as_user("principal@riverside.example", actions.approve, doc.name)
	assert state_of(doc) == states.PREPARING


def test_students_who_are_present_need_a_second_person(families, to_class, named, staff):
	for index in range(10):
		families.mark(f"C{index}", "Present")
	doc = to_class(ABSENT, "Attendance", audience_filters=named)
	(one,) = [one for one in desk.preview_audience(doc.name)["questions"] if one["second_person"]]
	assert "10 of 12" in one["sentence"]
	frappe.db.commit()
	as_user("Administrator", lambda name: actions.start(name, 12, keys(doc)), doc.name)
	row = frappe.get_doc("Dialer Campaign", doc.name)
	assert row.status == states.AWAITING and "PRESENT:10:12" in row.asked_seal
	with pytest.raises(frappe.PermissionError):
		as_user("communications@riverside.example", actions.approve, doc.name)
	as_user(OFFICER, actions.approve, doc.name)
	assert state_of(doc) == states.PREPARING


def test_what_was_asked_is_part_of_what_is_approved(families, to_class, named, staff):
	for index in range(10):
		families.mark(f"C{index}", "Present")
	doc = to_class(ABSENT, "Attendance", audience_filters=named)
	actions.start(doc.name, 12, keys(doc))
	families.mark("Ana", "Present")
	frappe.db.commit()
	with pytest.raises(questions.NotConfirmed, match="11 of 12"):
		as_user(OFFICER, actions.approve, doc.name)
	as_user(OFFICER, lambda name: actions.approve(name, None, keys(doc)), doc.name)
	kept = json.loads(frappe.db.get_value("Dialer Campaign", doc.name, "plausibility"))
	assert [one["by"] for one in kept if "11:12" in one["key"]] == [OFFICER]


def test_what_needs_a_second_person_is_not_scheduled(families, to_class, named):
	for index in range(10):
		families.mark(f"C{index}", "Present")
	later = add_to_date(clock.db_now(), hours=1)
	doc = to_class(ABSENT, "Attendance", audience_filters=named, scheduled_at=later)
	with pytest.raises(frappe.ValidationError, match="second person"):
		actions.schedule(doc.name, 12, keys(doc))


@pytest.mark.parametrize(
	"said", ["Your child was absent on 12 days.", "Your child was absent yesterday.", "Your child was late."]
)
def test_an_absence_on_other_days_says_nothing_of_today(families, to_class, named, said):
	families.mark("Ana", "Present")
	assert asked(to_class(said, "Attendance", audience_filters=named)) == []


def test_a_condition_on_attendance_is_trusted(families, to_class):
	families.mark("Ana", "Absent")
	families.mark("C1", "Present")
	absent = {"only": [{"kind": "Attendance", "status": "Absent", "at_least": 1, "days": 1}]}
	assert asked(to_class(ABSENT, "Attendance", audience_filters=json.dumps(absent))) == []


def test_a_scheduled_start_is_looked_at_again(to_class, staff):
	day = add_days(clock.db_now().date(), 1)
	later = add_to_date(clock.db_now(), hours=1)
	doc = to_class(f"The concert is on {day:%B} {day.day}, {day.year}.", scheduled_at=later)
	actions.schedule(doc.name)
	template = frappe.get_doc("Dialer Message Template", doc.template)
	frappe.db.set_value(
		"Dialer Message Translation", template.translations[0].name, "voice", "The concert is on [DATE]."
	)
	frappe.clear_document_cache(template.doctype, template.name)
	frappe.db.set_value("Dialer Campaign", doc.name, "scheduled_at", clock.db_now())
	scheduler.start_due()
	row = frappe.get_doc("Dialer Campaign", doc.name)
	assert row.status == states.PAUSED and "[DATE]" in row.status_message
	assert row.pending_notification == states.PAUSED
	actions.resume(doc.name)
	row.reload()
	assert row.status == states.PREPARING and "Confirmed by" in row.asked_before_start


def test_what_was_confirmed_is_not_asked_again_at_the_start(to_class):
	doc = to_class("The concert is on [DATE].", scheduled_at=add_to_date(clock.db_now(), hours=1))
	actions.schedule(doc.name, 0, keys(doc))
	frappe.db.set_value("Dialer Campaign", doc.name, "scheduled_at", clock.db_now())
	scheduler.start_due()
	assert state_of(doc) == states.PREPARING


def test_a_usual_size_asks_nothing(school):
	template = make.template("General")
	earlier(template, (40, 60, 50))
	assert asked(make.campaign(make.many_phones(200), purpose="General", template=template)) == []


def test_few_who_heard_it_are_no_repetition(school):
	template = make.template("General")
	phones = make.many_phones(40)
	make.consents(phones)
	prepare(make.campaign(phones, purpose="General", template=template))
	others = make.many_phones(36)
	assert asked(make.campaign([*phones[:4], *others], purpose="General", template=template)) == []


def test_words_are_compared_only_of_campaigns_to_these_people(school):
	"""Check that a busy day costs a check nothing: campaigns to others are counted, and not read."""
	template = make.template("General")
	phones = make.many_phones(40)
	make.consents(phones)
	prepare(make.campaign(phones, purpose="General", template=template))
	queries = []
	for others in (1, 6):
		for _ in range(others):
			strangers = make.many_phones(6)
			make.consents(strangers)
			prepare(make.campaign(strangers, purpose="General", template=make.template("General")))
		again = make.campaign(phones, purpose="General", template=template)
		assert asked(again) == ["REPEATED"]
		queries.append(queries_of(lambda again=again: look.findings(again)))
	assert queries[1] <= queries[0]


def test_those_who_were_not_reached_may_hear_it_again(school):
	template = make.template("General")
	phones = make.many_phones(40)
	make.consents(phones)
	first = make.campaign(phones, purpose="General", template=template)
	prepare(first)
	planned = Counter(row.status for row in make.recipients(first.name))
	assert planned[states.PENDING] > 30, (planned, state_of(first))
	again = make.campaign(phones, purpose="General", template=template)
	assert asked(again) == ["REPEATED"]
	frappe.db.sql("update `tabDialer Recipient` set status = 'Not Reached' where campaign = %s", first.name)
	assert asked(again) == []


def test_links_are_read_from_what_a_job_found(to_class):
	url, good = "https://gone.riverside.example/page", "https://there.riverside.example/"
	doc = to_class(f"See {url}. Or {good}, please.")
	facts = Facts.of(doc)
	assert links.links_of(facts) == [url, good]
	assert desk.preview_audience(doc.name)["links"] == 2
	for link, found in ((url, links.DEAD), (good, links.ANSWERS)):
		frappe.cache().set_value(f"{links.KEY}:{link}", found, expires_in_sec=60)
	found = desk.link_questions(doc.name)
	assert found["links"] == 0 and [url in one["sentence"] for one in found["questions"]] == [True]
	with pytest.raises(questions.NotConfirmed, match="does not answer"):
		actions.start(doc.name)


def test_the_job_keeps_what_it_finds(to_class):
	url = f"https://{frappe.generate_hash(length=12)}.invalid/"
	links.ask([url])
	assert links.cached_result(url) == links.DEAD


def test_a_check_that_cannot_look_is_asked_about_and_holds_no_emergency(to_class, monkeypatch):
	doc = to_class("The concert is on Thursday.")
	facts = Facts.of(doc)
	facts.ends = 0.0
	assert [one.code for one in look.guarded(look.repeats.look, facts)] in ([], ["UNCHECKED"])
	assert [one.code for one in look.guarded(look.audience_size.look, facts)] == ["UNCHECKED"]
	urgent = Facts.of(to_class("Fire. Leave now.", "Emergency", **FIRE))
	urgent.ends = 0.0
	assert look.guarded(look.audience_size.look, urgent) == []


def test_the_number_of_queries_does_not_grow(school):
	counts = []
	for size in (5, 400):
		doc = make.campaign(make.many_phones(size), purpose="General", template=make.template("General"))
		look.findings(frappe.get_doc("Dialer Campaign", doc.name))
		counts.append(queries_of(lambda doc=doc: look.findings(frappe.get_doc("Dialer Campaign", doc.name))))
	assert counts[1] <= counts[0] + 2


def queries_of(action) -> int:
	before = frappe.db.sql("show session status like 'Questions'")[0][1]
	action()
	return int(frappe.db.sql("show session status like 'Questions'")[0][1]) - int(before)


def test_an_earlier_campaign_whose_message_was_deleted_holds_nothing_up(school):
	template, gone = make.template("General"), make.template("General")
	phones = make.many_phones(10)
	make.consents(phones)
	prepare(make.campaign(phones, purpose="General", template=gone))
	frappe.db.sql("delete from `tabDialer Message Template` where name = %s", gone)
	frappe.clear_document_cache("Dialer Message Template", gone)
	assert asked(make.campaign(phones, purpose="General", template=template)) == []
