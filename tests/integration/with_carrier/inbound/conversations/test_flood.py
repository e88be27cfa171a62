"""Many families write at once while connections, web processes, workers, and the database server are killed.

The carrier delivers each text at least twice and out of order. A delivery that was not taken is made once
more, as Twilio does with a fallback URL, and then no more: the rest is in its list.
"""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import frappe
import pytest

from dev.demo.stage import SENDER
from school_dialer.base import clock
from school_dialer.calls import missed_texts
from school_dialer.help_desk.tickets import kinds
from school_dialer.messages import store
from school_dialer.messages.spoken.question import POLL
from tests.effort import ALL, EFFORT
from tests.integration import factories as make
from tests.integration.with_carrier.households import SchoolClass, set_settings
from tests.integration.with_carrier.inbound.conversations import flood_checks as check
from tests.integration.with_carrier.inbound.conversations.flood_checks import HELPS, STOPS
from tests.integration.with_carrier.inbound.conversations.troubles import (
	CONNECTION,
	DATABASE,
	WEB,
	WORKER,
	Troubles,
)
from tests.integration.with_carrier.keypad import VOTE, template
from tests.integration.with_carrier.running import dial, prepare

MESSAGES = (
	"Ana is sick today",
	"Luis llega tarde hoy, tiene cita con el doctor",
	"我的孩子今天发烧，不能来上课",
	"Con tôi hôm nay bị ốm",
	"ابنتي مريضة اليوم",
	"Mon fils arrive à dix heures",
	"Minha filha está doente hoje",
	"Pitit mwen malad jodi a",
	"May sakit ang anak ko ngayon",
	"Моя дочь сегодня болеет",
	"우리 아이가 오늘 아파요",
	"मेरा बेटा आज बीमार है",
	"Córka jest dziś chora",
	"دخترم امروز مریض است",
	"Who picks up my daughter today? 🤔🚌",
	"¿A qué hora es la junta?",
	"She has a fever. " * 60,
)
COURTESIES = ("Thanks!", "Muchas gracias", "👍", "谢谢老师", "شكرا جزيلا")
TEXTS, FAMILIES, VOTERS = 1_000 if EFFORT == ALL else 200, 150, 30
WITH_STUDENTS = 10
AT_ONCE, TRIES = 8, 2
PLAN = (*[CONNECTION] * 5, WORKER, *[CONNECTION] * 5, WEB, DATABASE, WORKER, *[CONNECTION] * 5, WEB, DATABASE)
QUIET = {"behaviour": "answers", "text": {"delivery": "delivered"}}
"""What these people do with a text. By habits that follow from their numbers, some would answer it."""
VOTES = len(VOTE["answers"].splitlines())


@pytest.fixture
def families(carrier) -> list[str]:
	"""Return the numbers of many families. The first WITH_STUDENTS are of guardians of one student each."""
	numbers = make.many_phones(FAMILIES)
	SchoolClass([{f"Parent {place}": [number]} for place, number in enumerate(numbers[:WITH_STUDENTS])])
	make.consents(numbers)
	frappe.db.commit()
	carrier.control("people", dict.fromkeys(numbers, QUIET))
	return numbers


@pytest.fixture
def poll(carrier):
	"""Return a campaign that has asked VOTERS numbers something by text."""
	voters = make.many_phones(VOTERS)
	make.consents(voters)
	carrier.control("people", dict.fromkeys(voters, QUIET))
	doc = make.campaign(voters, template=template(asks=POLL, **VOTE), channel="Text")
	prepare(doc)
	dial(carrier)
	return doc


@pytest.fixture
def votes(poll) -> dict[str, str]:
	"""Return the key that each number answers with."""
	asked = frappe.get_all("Dialer Recipient", {"campaign": poll.name}, pluck="phone", order_by="phone")
	assert len(asked) == VOTERS
	return {number: str(place % VOTES + 1) for place, number in enumerate(asked)}


@pytest.fixture
def texts(families, votes) -> list[tuple[str, str]]:
	"""Return what they write, as (number, body). Those who were asked also write something else."""
	chance = random.Random(16)
	addressed = f"{store.school().identity}: May I call you?"
	kinds_of_text = (STOPS, HELPS, MESSAGES, COURTESIES, (addressed,))
	written = [
		(chance.choice(families), chance.choice(chance.choices(kinds_of_text, (6, 3, 60, 20, 3))[0]))
		for _ in range(TEXTS - 2 * VOTERS)
	]
	written += [*votes.items(), *((number, chance.choice(MESSAGES)) for number in votes)]
	chance.shuffle(written)
	return written


@pytest.fixture
def on_tickets(carrier):
	"""Let the messages be worked on as tickets, if this site has any, which is work for the workers."""
	found = [choice for choice, doctype in kinds.CHOICES.items() if frappe.db.exists("DocType", doctype)]
	set_settings({"work_in": [*found, "Desk inbox"][0]})
	missed_texts.forget()
	missed_texts.run()
	yield bool(found)
	frappe.db.rollback()
	missed_texts.forget()
	set_settings({"work_in": "Desk inbox"})


@pytest.mark.exhaustive
def test_nothing_is_lost_doubled_or_answered_twice(
	carrier, texts, families, poll, votes, on_tickets, set_clock, as_role
):
	with Troubles(PLAN, 2 * len(texts)) as troubles:
		deliver(carrier, texts, troubles)
	assert troubles.made[CONNECTION] and troubles.made[WORKER] and troubles.made[WEB], troubles.made
	set_clock(clock.now() + timedelta(minutes=5))
	missed_texts.run()
	numbers = [*families, *votes]
	late = check.read_late(numbers)
	check.opt_outs(texts, numbers)
	check.votes(poll, votes, late)
	check.threads(numbers, check.messages(texts, numbers, votes, late))
	check.answers(carrier, numbers)
	if on_tickets:
		check.tickets(numbers)
	check.readers(families[:WITH_STUDENTS], as_role)


def deliver(carrier, texts: list[tuple[str, str]], troubles: Troubles) -> None:
	"""Let all texts arrive, AT_ONCE at a time, and those that were taken once more, in another order."""

	def taken(given: dict) -> str | None:
		"""Deliver a text until the site takes it, and return its sid, or None if the carrier gives up."""
		for _try in range(TRIES):
			answer = carrier.control("inbound_text", given)
			given = {"sid": answer["sid"]}
			if answer["http_status"] == 200:
				break
		troubles.note_delivery()
		return answer["sid"] if answer["http_status"] == 200 else None

	with ThreadPoolExecutor(AT_ONCE) as pool:
		sids = list(pool.map(taken, [{"from": number, "to": SENDER, "body": body} for number, body in texts]))
		again = [{"sid": sid} for sid in sids if sid]
		random.Random(17).shuffle(again)
		list(pool.map(taken, again))
