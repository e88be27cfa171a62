"""Three schools with families across them: who is called, by whom, from which number, in whose words."""

import threading
from collections.abc import Iterator

import frappe
import pytest

from dev.demo.stage import SENDER
from dev.patience import PATIENCE, eventually
from school_dialer import gate
from school_dialer.base import clock
from school_dialer.base.database.db_thread import DbThread
from school_dialer.calls import inbound, inbound_calls
from school_dialer.campaigns.planning import planner
from school_dialer.outbound.dispatch import dispatcher
from school_dialer.outbound.dispatch.lane_scheduler import LaneScheduler
from school_dialer.outbound.pace import resting_numbers
from school_dialer.schools import registry, scope
from school_dialer.settings import carrier_settings
from tests.integration import districts, emergencies
from tests.integration import factories as make
from tests.integration.schools.families import District
from tests.integration.with_carrier.follow_ups import follow_up
from tests.integration.with_carrier.running import dial, prepare, state_of

OAK, ELM, RIVER = "Oak Primary", "Elm High", "River College"
OAKS, ELMS = "+13125550121", "+13125550122"
CARRIED_BY = {OAK: OAKS, ELM: ELMS, RIVER: SENDER, None: SENDER}
SAID = {OAK: "Oak Primary School", ELM: "Elm High", RIVER: "River College"}
DISTRICT = "Riverside School District"


@pytest.fixture
def place(carrier) -> Iterator[District]:
	"""Make three schools, two of them with a number of their own, and four families, for one test."""
	others = frappe.get_all(registry.DOCTYPE, {"enabled": 1}, pluck="name", order_by="name")
	for name in others:
		frappe.db.set_value(registry.DOCTYPE, name, "enabled", 0)
	registry.forget()
	oak = districts.school(OAK, exact=True, caller_identity=SAID[OAK], call_back_number="+13125550131")
	oak.append("identities", {"language": "es", "caller_identity": "Escuela del Roble"})
	oak.save()
	districts.school(ELM, exact=True)
	districts.school(RIVER, exact=True, school_kind="College or university")
	doc = frappe.get_doc("Dialer Settings")
	for number, name in ((OAKS, OAK), (ELMS, ELM)):
		doc.append(
			"sending_numbers",
			{
				"phone_number": number,
				"channel": "Voice and Text",
				"calls_per_second": 40,
				"segments_per_second": 80,
				"enabled": 1,
				"school": name,
			},
		)
	doc.save()
	made = families()
	frappe.db.commit()
	webhooks = carrier.control("numbers", {})["numbers"][SENDER]
	carrier.control("numbers", {OAKS: webhooks, ELMS: webhooks})
	yield made
	undo(made, others, carrier)


def families() -> District:
	made = District()
	made.family("one", {"ann": (OAK, "2015-01-01")})
	made.family("two", {"ben": (OAK, "2016-01-01"), "bea": (ELM, "2010-01-01")})
	made.family("three", {"cal": (RIVER, "2006-01-01"), "cleo": (ELM, "2009-01-01")})
	made.family("four", {"dan": (None, "2011-01-01")})
	made.opens()
	return made


def undo(made: District, others: list[str], carrier) -> None:
	frappe.db.rollback()
	made.closes()
	doc = frappe.get_doc("Dialer Settings")
	doc.sending_numbers = [row for row in doc.sending_numbers if row.phone_number not in (OAKS, ELMS)]
	doc.save()
	for name in (OAK, ELM, RIVER):
		frappe.db.delete(registry.DOCTYPE, {"name": name})
		frappe.db.delete("Dialer School Identity", {"parent": name})
	for name in others:
		frappe.db.set_value(registry.DOCTYPE, name, "enabled", 1)
	registry.forget()
	frappe.db.commit()
	carrier.control("numbers", {OAKS: None, ELMS: None})


def journal(carrier, place: District) -> list[tuple[str, str]]:
	"""Return (family, number of the school) of every call and text the carrier took for them, sorted."""
	families = {phone: name for name, phone in place.phones.items()}
	return sorted(
		(families[entry["to"]], entry["params"]["From"])
		for entry in carrier.log("call", "message")
		if entry["to"] in families and entry["status"] == 201
	)


def heard(carrier, number: str) -> str:
	lines = [line for line in carrier.log("twiml") if line["to"] == number]
	return " ".join(sentence for line in lines for sentence in line["sentences"])


def call(carrier, doc) -> None:
	prepare(doc)
	dial(carrier)
	frappe.db.rollback()
	assert state_of(doc) == "Completed"


@pytest.fixture
def answer(place, answering) -> District:
	for phone in place.phones.values():
		answering(phone, "answers", text={"delivery": "delivered"})
	return place


def test_each_school_calls_its_own_from_its_own_number(carrier, answer):
	expected = {OAK: ["one", "two"], ELM: ["three", "two"], RIVER: ["three"]}
	seen: list[tuple[str, str]] = []
	for name, called in expected.items():
		doc = answer.campaign(school=name)
		call(carrier, doc)
		seen = sorted(seen + [(family, CARRIED_BY[name]) for family in called])
		assert journal(carrier, answer) == seen
		logs = frappe.get_all(
			"Dialer Call Log", {"campaign": doc.name}, ["school", "sender"], order_by="name"
		)
		assert {(log.school, log.sender) for log in logs} == {(name, CARRIED_BY[name])}
	assert SAID[OAK] in heard(carrier, answer.phones["one"])
	assert DISTRICT not in heard(carrier, answer.phones["one"])
	assert "3 1 2" in heard(carrier, answer.phones["one"]), "its own call-back number"


def test_a_district_campaign_calls_each_household_once(carrier, answer):
	doc = answer.campaign()
	call(carrier, doc)
	assert journal(carrier, answer) == [(family, SENDER) for family in ("four", "one", "three", "two")]
	assert all(DISTRICT in heard(carrier, phone) for phone in answer.phones.values())


def test_each_familys_school_speaks_from_its_own_number(carrier, answer):
	doc = answer.campaign(said_by=scope.EACH_FAMILYS)
	call(carrier, doc)
	assert journal(carrier, answer) == [("four", SENDER), ("one", OAKS), ("three", ELMS), ("two", OAKS)]
	assert SAID[OAK] in heard(carrier, answer.phones["two"])
	assert SAID[ELM] in heard(carrier, answer.phones["three"])
	assert DISTRICT in heard(carrier, answer.phones["four"])


@pytest.mark.parametrize("urgent", [False, True])
def test_in_an_emergency_the_districts_number_stands_in_for_a_schools_own(carrier, answer, urgent):
	doc = answer.campaign(school=OAK, **({"purpose": "Emergency", **emergencies.FIRE} if urgent else {}))
	if urgent:
		emergencies.approved([], doc=doc)
		planner.run(doc.name)
	else:
		prepare(doc)
	number = carrier_settings.SendingNumber(SENDER, 1, 1)
	campaign = frappe.get_doc("Dialer Campaign", doc.name)
	assert not resting_numbers.schools_for(campaign, number).covers(OAK)
	frappe.cache().set(resting_numbers.key(doc.name, "Voice", OAKS), "1", ex=resting_numbers.REST_SECONDS)
	covered = resting_numbers.schools_for(campaign, number)
	assert (covered.covers(OAK), covered.covers(ELM), covered.covers(RIVER)) == (urgent, False, True)
	dial(carrier, emergency=urgent)
	carried_by = SENDER if urgent else OAKS
	assert journal(carrier, answer) == [("one", carried_by), ("two", carried_by)]
	assert SAID[OAK] in heard(carrier, answer.phones["one"])


def test_texts_name_the_school_in_the_readers_language(carrier, answer):
	frappe.db.set_value("Guardian", answer.name("two"), "dialer_language", "es")
	doc = answer.campaign(channel="Text", said_by=scope.EACH_FAMILYS)
	call(carrier, doc)
	bodies = {
		entry["to"]: entry["params"]["Body"] for entry in carrier.log("message") if entry["status"] == 201
	}
	assert bodies[answer.phones["one"]].startswith(f"{SAID[OAK]}:")
	assert bodies[answer.phones["two"]].startswith("Escuela del Roble:")
	assert bodies[answer.phones["four"]].startswith(f"{DISTRICT}:")


def test_a_student_who_moves_before_dialing_is_not_called_about(carrier, answer):
	doc = answer.campaign(school=OAK)
	prepare(doc)
	frappe.db.set_value("Student", answer.name("ann"), "dialer_school", ELM)
	frappe.db.commit()
	dial(carrier)
	frappe.db.rollback()
	assert journal(carrier, answer) == [("two", OAKS)]
	rows = {row.phone: row for row in make.recipients(doc.name, "phone", "status", "reasons")}
	row = rows[answer.phones["one"]]
	assert (row.status, row.reasons) == ("Blocked", "OTHER_SCHOOL")


def test_a_call_moves_to_the_number_of_the_new_school(carrier, answer):
	doc = answer.campaign(said_by=scope.EACH_FAMILYS)
	prepare(doc)
	frappe.db.set_value("Student", answer.name("ann"), "dialer_school", ELM)
	frappe.db.commit()
	dial(carrier)
	assert ("one", ELMS) in journal(carrier, answer) and ("one", OAKS) not in journal(carrier, answer)


def test_a_fallback_text_is_in_the_schools_name_too(carrier, answer, answering):
	for phone in answer.phones.values():
		answering(phone, "no-answer", text={"delivery": "delivered"})
	doc = answer.campaign(school=OAK, text_fallback=1)
	prepare(doc)
	dial(carrier)
	follow_up(doc, carrier)
	frappe.db.rollback()
	sent = [e for e in carrier.log("message") if e["to"] == answer.phones["one"] and e["status"] == 201]
	assert [entry["params"]["From"] for entry in sent] == [OAKS]
	assert sent[0]["params"]["Body"].startswith(f"{SAID[OAK]}:")


def test_who_calls_or_writes_to_a_schools_number_hears_that_school(carrier, answer, token):
	phone = answer.phones["four"]
	assert SAID[OAK] in inbound_calls.answer(f"CA{token}", phone, OAKS)
	assert DISTRICT in inbound_calls.answer(f"CA{token}2", make.phone(), SENDER)
	reply = inbound.reply_to_text(f"SM{token}", phone, OAKS, "HELP")
	assert reply.startswith(f"{SAID[OAK]}:")
	logs = frappe.get_all("Dialer Call Log", {"phone": phone, "direction": "Inbound"}, pluck="school")
	assert set(logs) == {OAK}
	frappe.db.commit()


def test_a_shared_number_answers_as_who_spoke_last(carrier, answer, token):
	call(carrier, answer.campaign(school=RIVER))
	reply = inbound.reply_to_text(f"SM{token}", answer.phones["three"], SENDER, "HELP")
	assert reply.startswith(f"{SAID[RIVER]}:")
	assert inbound.reply_to_text(f"SM{token}2", answer.phones["four"], SENDER, "HELP").startswith(
		f"{DISTRICT}:"
	)
	frappe.db.commit()


def test_frequency_caps_are_the_familys(carrier, answer):
	"""The calls of one school count when another one asks."""
	call(carrier, answer.campaign(school=OAK))
	check = gate.EligibilityCheck(
		"one", answer.phones["two"], "Guardian", answer.name("two"), (answer.name("bea"),)
	)
	case = gate.CallContext.of(answer.campaign(school=ELM))
	assert len(gate.ask(case, [check], clock.now())["one"].decision.facts.history) == 1


@pytest.fixture
def ran(monkeypatch) -> list[bool]:
	"""Return a list of what each dispatcher says at its end: whether it ended because nothing was due."""
	answers, run = [], dispatcher.Dispatcher.run

	def run_and_note(self, until: float) -> bool:
		answers.append(run(self, until))
		return answers[-1]

	monkeypatch.setattr(dispatcher.Dispatcher, "run", run_and_note)
	monkeypatch.setattr(dispatcher, "RUN_SECONDS", 30)
	return answers


def test_no_line_stays_behind_when_a_schools_line_has_left(carrier, answer, ran, monkeypatch):
	"""Begin a campaign once one school's line found nothing to do, and before the others looked again."""
	first, second = answer.campaign(school=OAK), answer.campaign(said_by=scope.EACH_FAMILYS)
	prepare(first)
	left, begun, again = [], threading.Event(), []
	serve_until, serve_next = dispatcher.Dispatcher.serve_until, LaneScheduler.serve_next

	def leave(self, line, until: float) -> bool:
		idle = serve_until(self, line, until)
		left.append(line.phone_number)
		return idle

	def look(self, line) -> int:
		if line.phone_number != OAKS:
			begun.wait(PATIENCE)
		return serve_next(self, line)

	monkeypatch.setattr(dispatcher.Dispatcher, "serve_until", leave)
	monkeypatch.setattr(LaneScheduler, "serve_next", look)
	monkeypatch.setattr(dispatcher, "enqueue_dispatch", lambda **which: again.append(which))
	with DbThread() as beside:
		running = beside.submit(dispatcher.run)
		try:
			eventually("The end of both threads of the school's line", lambda: left == [OAKS, OAKS])
			carrier.wait_until_idle()
			prepare(second)
		finally:
			begun.set()
		running.result()
	assert ran == [True], "it stayed until its time was up, without the school's line"
	assert again == [{"emergency": False, "worker": 0}]
	dial(carrier)
	of_first, of_second = ["one", "two"], ["four", "one", "three", "two"]
	numbers = {"one": OAKS, "two": OAKS, "three": ELMS, "four": SENDER}
	called = sorted((family, numbers[family]) for family in of_first + of_second)
	assert journal(carrier, answer) == called


def test_a_running_dispatcher_makes_way_for_a_schools_new_number(carrier, answer):
	"""From then on the district's number does not speak for the school, and has no call to make."""
	set_enabled(OAKS, 0)
	doc = answer.campaign(school=OAK)
	prepare(doc)
	run, serve_next, looks = dispatcher.Dispatcher.run, LaneScheduler.serve_next, []

	def run_with_one_more(self, until: float) -> bool:
		set_enabled(OAKS, 1)
		return run(self, until)

	def look(self, line) -> int:
		looks.append(line.phone_number)
		return serve_next(self, line)

	with pytest.MonkeyPatch.context() as patch:
		patch.setattr(dispatcher, "REFRESH_SECONDS", -1)
		patch.setattr(dispatcher, "RUN_SECONDS", 3)
		patch.setattr(dispatcher.Dispatcher, "run", run_with_one_more)
		patch.setattr(LaneScheduler, "serve_next", look)
		dispatcher.run()
	assert looks == [] and journal(carrier, answer) == []
	dial(carrier)
	assert journal(carrier, answer) == [("one", OAKS), ("two", OAKS)]


def set_enabled(number: str, enabled: int) -> None:
	frappe.db.set_value("Dialer Sending Number", {"phone_number": number}, "enabled", enabled)
	frappe.db.commit()
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
