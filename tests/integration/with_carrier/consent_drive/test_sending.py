"""Texts and calls of a drive through the ordinary machinery, on the simulated carrier."""

import json
import re

import frappe
import pytest

from school_dialer.consent import ledger
from school_dialer.consent_drive import actions, jobs, progress
from school_dialer.consent_form import requests
from tests.integration import factories as make
from tests.integration.with_carrier.running import dial, prepare, texts_to

TOKEN = re.compile(r"\?t=([\w-]{38})\b")


@pytest.fixture
def asking(school_class, drive):
	"""Return a function that starts a drive with a wave by text, or another way, for these adults."""

	def start(
		*shorts: str, way: str = "Text", language: str = "en", purpose: str = "General", **values
	) -> str:
		channel = "Text" if way == "Text" else "Voice"
		for short in shorts:
			make.consent(school_class.family(short, language=language), purpose, channel)
		frappe.db.commit()
		doc = drive((0, way), **values)
		frappe.db.set_value("Dialer Consent Wave", {"parent": doc.name}, "else_letter", 0)
		frappe.db.commit()
		return school_class.start(frappe.get_doc(doc.doctype, doc.name))

	return start


def planned(school_class, name: str) -> list:
	docs = [frappe.get_doc("Dialer Campaign", one.name) for one in school_class.campaigns(name)]
	for doc in docs:
		prepare(doc)
	return docs


def test_each_lawful_family_gets_one_text_with_its_own_form(carrier, posted, school_class, asking):
	school_class.family("never")
	name = asking("Ana", "Bo", language="es", purpose="Fees")
	assert not any(map(posted, school_class.phones.values()))
	(doc,) = planned(school_class, name)
	dial(carrier)
	for short in ("Ana", "Bo"):
		(body,) = texts_to(carrier, school_class.phones[short])
		opened = requests.open_request(TOKEN.search(body).group(1))
		assert opened.people[0] == ("Guardian", school_class.name(short))
		assert opened.students == (school_class.name(f"child of {short}"),)
		assert "Usted elige" in body and "STOP" in body
	assert not posted(school_class.phones["never"])
	jobs.run(name)
	families = school_class.families(name)
	assert {short: (row.state, row.last_way) for short, row in families.items()} == {
		"Ana": ("Asked", "Text"),
		"Bo": ("Asked", "Text"),
		"never": ("Waiting", None),
	}
	(shown,) = progress.progress_of(name)["campaigns"]
	assert (shown["families"], shown["reached"]) == (2, 2)
	kept = [frappe.get_all("Dialer Call Log", {"campaign": doc.name}, ["*"])]
	kept.append(frappe.get_all("Dialer Recipient", {"campaign": doc.name}, ["*"]))
	kept.append(frappe.get_all("Dialer Campaign", {"name": doc.name}, ["*"]))
	for row in families.values():
		assert not row.request or requests.token(row.request) not in json.dumps(kept, default=str)


def test_an_answer_between_planning_and_dialing_counts(carrier, posted, school_class, asking):
	everyone = ("answered", "declined", "agreed", "stopped", "moved", "ended", "left")
	name = asking(*everyone)
	(doc,) = planned(school_class, name)
	families = school_class.families(name)
	requests.answered(families["answered"].request, "A", declined=False)
	requests.answered(families["declined"].request, "B", declined=True)
	make.consent(school_class.phones["agreed"], "General", "Voice")
	ledger.opt_out(school_class.phones["stopped"], evidence=make.evidence("Text"))
	new = make.phone("312")
	frappe.db.set_value("Guardian", school_class.name("moved"), "mobile_number", new)
	requests.withdraw([families["ended"].request])
	frappe.db.commit()
	dial(carrier)
	texted = {short for short in everyone if posted(school_class.phones[short])}
	assert texted == {"left"} and not posted(new)
	said = dict(
		frappe.get_all("Dialer Recipient", {"campaign": doc.name}, ["person", "outcome"], as_list=True)
	)
	assert said[school_class.name("answered")].startswith("The family answered")


def test_a_number_of_two_guardians_gets_one_text(carrier, school_class, asking):
	number = school_class.family("Ana")
	school_class.adult("Bo")
	frappe.db.set_value("Guardian", school_class.name("Bo"), "mobile_number", number)
	school_class.child("child of Bo", "Bo")
	make.consent(number, "General", "Text")
	name = asking()
	planned(school_class, name)
	dial(carrier)
	(body,) = texts_to(carrier, number)
	opened = requests.open_request(TOKEN.search(body).group(1))
	jobs.run(name)
	families = school_class.families(name)
	asked = [school_class.name(short) for short, row in families.items() if row.state == "Asked"]
	assert asked == [opened.people[0][1]] and len(families) == 2


def test_an_ended_drive_sends_nothing_more(carrier, posted, school_class, asking):
	name = asking("Ana")
	planned(school_class, name)
	actions.change(name, "end")
	frappe.db.commit()
	dial(carrier)
	assert not posted(school_class.phones["Ana"])
	assert [one.status for one in school_class.campaigns(name)] == ["Cancelled"]


def test_a_call_asks_those_who_agreed_to_calls(carrier, answering, school_class, asking):
	name = asking("Ana", way="Call", purpose="Event")
	answering(school_class.phones["Ana"], "answers")
	planned(school_class, name)
	dial(carrier)
	number = school_class.phones["Ana"]
	said = " ".join(
		sentence for line in carrier.log("twiml") if line["to"] == number for sentence in line["sentences"]
	)
	assert "permission to call and text you" in said and "?t=" not in said
	jobs.run(name)
	row = school_class.families(name)["Ana"]
	assert (row.state, row.last_way) == ("Asked", "Call")


def test_a_reminder_goes_to_those_who_have_not_answered(carrier, posted, school_class, drive):
	for short in ("Ana", "Bo"):
		make.consent(school_class.family(short), "General", "Text")
	frappe.db.commit()
	doc = drive((0, "Text"), (5, "Text"))
	frappe.db.set_value("Dialer Consent Wave", {"parent": doc.name}, "else_letter", 0)
	frappe.db.commit()
	name = school_class.start(frappe.get_doc(doc.doctype, doc.name))
	planned(school_class, name)
	dial(carrier)
	requests.answered(school_class.families(name)["Bo"].request, "Bo", declined=False)
	started = frappe.db.get_value("Dialer Consent Drive", name, "started_at")
	earlier = frappe.utils.add_days(started, -5)
	frappe.db.set_value("Dialer Consent Drive", name, "started_at", earlier)
	frappe.db.commit()
	jobs.run(name)
	second = next(one for one in school_class.campaigns(name) if one.consent_wave == 2)
	prepare(frappe.get_doc("Dialer Campaign", second.name))
	dial(carrier)
	assert (len(posted(school_class.phones["Ana"])), len(posted(school_class.phones["Bo"]))) == (2, 1)
