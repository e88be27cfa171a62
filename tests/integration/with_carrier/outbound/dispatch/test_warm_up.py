"""A dispatcher has read policies and words before it claims its first row."""

from collections import Counter, defaultdict
from collections.abc import Callable
from threading import get_ident

import pytest
from frappe.database.database import Database

from dev.patience import PATIENCE
from school_dialer.campaigns import message_content
from school_dialer.gate import site_policies
from school_dialer.messages import store
from school_dialer.outbound.attempts import claims
from school_dialer.outbound.dispatch import dispatcher
from school_dialer.outbound.dispatch.lane_scheduler import LaneScheduler
from tests.integration import factories as make
from tests.integration.with_carrier.running import dial, prepare

CLAIM, POLICIES, WORDS = "claim", "policies", "words"


@pytest.fixture
def order(monkeypatch) -> dict[int, list[str]]:
	"""Return what each thread did for the first time, in order."""
	found: dict[int, list[str]] = defaultdict(list)

	def noting(what: str, work: Callable) -> Callable:
		def run(*arguments, **more):
			done = work(*arguments, **more)
			if what not in found[get_ident()] and (what != CLAIM or done):
				found[get_ident()].append(what)
			return done

		return run

	for module, name, what in (
		(claims, "claim", CLAIM),
		(site_policies, "read_in_force", POLICIES),
		(store, "rehearse", WORDS),
	):
		monkeypatch.setattr(module, name, noting(what, getattr(module, name)))
	return found


def called(carrier, posted) -> bool:
	number = make.phone()
	make.consent(number)
	prepare(make.campaign([number]))
	dial(carrier)
	return bool(posted(number))


def test_policies_and_words_are_read_before_the_first_claim(carrier, posted, order):
	assert called(carrier, posted)
	claiming = [done for done in order.values() if CLAIM in done]
	assert claiming
	for done in claiming:
		assert {POLICIES, WORDS} <= set(done[: done.index(CLAIM)]), done


def test_what_cannot_be_read_ahead_holds_back_no_one(carrier, posted, monkeypatch):
	def broken(*_arguments) -> None:
		raise RuntimeError("broken on purpose")

	monkeypatch.setattr(message_content, "example", broken)
	assert called(carrier, posted)


def test_a_line_without_work_ends_a_transaction_once_for_each_look(carrier, monkeypatch):
	"""Count on one thread what it ends, and how often it looks, while nothing is due after its last chunk."""
	looks: list[tuple[int, int, int, int]] = []
	serve_next, commit = LaneScheduler.serve_next, Database.commit
	ended: Counter[int] = Counter()

	def looked(scheduler: LaneScheduler, line) -> int:
		before = ended[get_ident()]
		served = serve_next(scheduler, line)
		looks.append((get_ident(), served, before, ended[get_ident()]))
		return served

	def ends(db: Database) -> None:
		ended[get_ident()] += 1
		commit(db)

	for name in ("CLOSING_POLL", "REFRESH_SECONDS"):
		monkeypatch.setattr(dispatcher, name, float(PATIENCE))
	monkeypatch.setattr(LaneScheduler, "serve_next", looked)
	monkeypatch.setattr(Database, "commit", ends)
	number = make.phone()
	make.consent(number)
	prepare(make.campaign([number]))
	dial(carrier)
	idle = idle_looks(looks)
	assert idle and all(between == 0 for between in idle)


def idle_looks(looks: list[tuple[int, int, int, int]]) -> list[int]:
	"""Return how many transactions ended between two looks of a thread of which the first found nothing."""
	last: dict[int, tuple[int, int]] = {}
	found = []
	for thread, served, before, after in looks:
		if thread in last and not last[thread][0]:
			found.append(before - last[thread][1])
		last[thread] = (served, after)
	return found
