"""A drill goes to the same families with the drill's own words, as a general message, and stays a drill."""

import frappe
import pytest

from school_dialer.base import states
from school_dialer.campaigns.planning import planner
from school_dialer.emergency_kit import drill, offered, progress
from school_dialer.emergency_kit.drill import Unconfirmed
from school_dialer.emergency_kit.second_person import ladder
from school_dialer.messages import store
from tests.integration import factories as make
from tests.integration.with_carrier.campaigns.teachers.classroom import as_user
from tests.integration.with_carrier.emergency_kit.kit import CAMPAIGN, SAID, START
from tests.integration.with_carrier.running import dial, texts_to

TEMPLATE = store.TEMPLATE


def start_drill(kit, item: str) -> str:
	"""Start a drill, and agree to whatever looks like a mistake among the campaigns of this site."""
	try:
		return kit.start(item, drill=True)
	except Unconfirmed as asked:
		return kit.start(item, drill=True, agreed=frozenset(one["key"] for one in asked.questions))


def test_a_drill_says_that_it_is_one(carrier, kit):
	item = kit.item()
	start = start_drill(kit, item)
	campaign = kit.campaign(start)
	assert (campaign.purpose, campaign.emergency_type, campaign.details) == ("General", None, None)
	assert campaign.status == states.PREPARING and campaign.title.startswith("Drill: ")
	planner.run(campaign.name)
	dial(carrier)
	for number in kit.numbers:
		(body,) = texts_to(carrier, number)
		assert body.count("DRILL") == 2 and "fire" not in body
	shown = progress.start_progress(progress.readable(start, kit.agent))
	assert (shown["drill"], shown["reached"]) == (True, 2) and "asks" not in shown
	assert frappe.db.get_value(START, start, "drill") == 1
	ladder.run(start)
	assert not frappe.db.exists("Dialer Emergency Ask", {"start": start})


def test_consent_holds_for_a_drill_and_not_for_the_real_one(carrier, kit):
	make.ledger.opt_out(kit.numbers[0], scope="all non-emergency", evidence=make.evidence("Agent"))
	frappe.db.commit()
	item = kit.item()
	campaign = kit.campaign(start_drill(kit, item))
	planner.run(campaign.name)
	dial(carrier)
	assert not texts_to(carrier, kit.numbers[0]) and texts_to(carrier, kit.numbers[1])


def test_the_page_shows_the_words_of_the_drill(kit):
	item = kit.item(channel="Voice")
	rows = {row["name"]: row for row in as_user(kit.agent, lambda: offered.of_user(kit.agent))}
	assert f"This is a drill. {store.school().name} is testing" in rows[item]["drill"]
	assert "fire" in rows[item]["words"]


def test_what_looks_like_a_mistake_is_asked_and_starts_nothing(kit, monkeypatch):
	question = {"key": "repeats:1", "sentence": "Sent today already.", "remedy": "", "second_person": False}
	monkeypatch.setattr(drill.questions, "questions_for", lambda _campaign: [question])
	item = kit.item()
	with pytest.raises(Unconfirmed) as asked:
		kit.start(item, drill=True)
	frappe.db.rollback()
	assert asked.value.questions == [{"key": "repeats:1", "sentence": "Sent today already."}]
	assert not frappe.db.count(START, {"item": item})
	assert kit.start(item, drill=True, agreed=frozenset({"repeats:1"}))


def test_words_in_the_database_do_not_reach_a_drill(carrier, kit):
	name = drill.template()
	frappe.db.sql(
		"update `tabDialer Message Translation` set text = 'Everyone go home.' where parent = %s", name
	)
	frappe.db.commit()
	frappe.clear_document_cache(TEMPLATE, name)
	try:
		said = store.template(name)
		assert all("go home" not in words.text for words in said.translations)
	finally:
		frappe.get_doc(TEMPLATE, name).save()
		frappe.db.commit()
	rows = frappe.get_all("Dialer Message Translation", {"parent": name}, pluck="text")
	assert rows and not any("go home" in text for text in rows)


def test_the_template_stays_a_drill_and_no_other_becomes_one(kit):
	doc = frappe.get_doc(TEMPLATE, drill.template())
	doc.update({"drill": 0, "purpose": "Emergency", "asks": "Poll", "teachers_may_use": 1})
	doc.translations[0].update({"voice": "Everyone go home.", "question": "Safe?", "answers": "Yes\nNo"})
	doc.save()
	assert (doc.drill, doc.purpose, doc.asks, doc.teachers_may_use) == (1, "General", "", 0)
	assert "drill" in doc.translations[0].voice
	with pytest.raises(frappe.ValidationError, match="kept"):
		doc.delete()
	other = frappe.get_doc(TEMPLATE, make.template("General", said=SAID))
	other.drill = 1
	other.save()
	assert other.drill == 0
	made = frappe.get_doc({**other.as_dict(), "name": None, "template_name": "Another", "drill": 1})
	assert made.insert().drill == 0


@pytest.mark.parametrize("is_drill", [True, False])
def test_neither_becomes_the_other(kit, is_drill):
	item = kit.item()
	campaign = kit.campaign(start_drill(kit, item) if is_drill else kit.start(item))
	frappe.db.set_value(CAMPAIGN, campaign.name, "status", states.DRAFT)
	doc = frappe.get_doc(CAMPAIGN, campaign.name)
	if is_drill:
		real = {"purpose": "Emergency", "emergency_type": "Fire", "emergency_reason": "Fire"}
		doc.update({**real, "template": make.template("Emergency", said=SAID)})
	else:
		doc.update({"purpose": "General", "template": drill.template(), "emergency_type": None})
	with pytest.raises(frappe.ValidationError, match="emergency kit started"):
		doc.save()
