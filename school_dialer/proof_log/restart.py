"""Begin the log again under another name after a restore: a break that is declared, and never hidden.

Outsiders may hold checkpoints that were signed after the backup. The restored log lacks what those cover. If
it went on under its name, two different logs would be signed under one. So it gets another name, and its
first entry under that name says from which checkpoint of the earlier one it goes on (`leaves.of_restart`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from school_dialer.consent.integrity import outside
from school_dialer.proof_log import checkpoints, leaves, log, store, tree

AGAIN = re.compile(r"/after-restore-\d{8}T\d{6}Z\Z")
"""How the name of a log ends that was begun again."""


@dataclass(frozen=True, slots=True)
class Break:
	"""A declared break. `index` is its leaf's; `seq` and `size` are of the last checkpoint known from before.

	`before` is the log's name until then, `at` when (UTC) it got the other one.
	"""

	index: int
	before: str
	seq: int
	size: int
	at: str

	@property
	def sentence(self) -> str:
		return (
			f"The log was begun again after a restore on {self.at}. "
			f"It goes on from checkpoint {self.seq} of {self.before}, of {self.size} leaves."
		)


def is_due() -> bool:
	"""Return whether checkpoints may have been signed that the database does not have.

	A mark outside of the database names one, or no mark is left that could.
	"""
	if outside.lost(outside.CHECKPOINT):
		return True
	return checkpoints.newest() is not None and not outside.marks(outside.CHECKPOINT)


def begin_if_due(restored: str) -> bool:
	"""Begin the log again if need be, and return whether it was. The caller commits, in a new transaction.

	`restored` is the name of the Dialer Restore. A database without any log begins one of another name
	anyway.
	"""
	if store.current() is None or not is_due():
		return False
	head, newest, lost = store.lock_head(), checkpoints.newest(), outside.lost(outside.CHECKPOINT)
	now, before = datetime.now(timezone.utc), head.origin
	names = {before, *(declared.before for declared in breaks())}
	while (origin := f"{AGAIN.sub('', before)}/after-restore-{now:%Y%m%dT%H%M%SZ}") in names:
		now += timedelta(seconds=1)
	head.origin = origin
	body = leaves.of_restart(
		origin=head.origin,
		before=before,
		seq=newest.seq if newest else 0,
		size=newest.size if newest else 0,
		root=(newest.checkpoint.root if newest else tree.EMPTY).hex(),
		lost={"seq": lost.seq, "digest": lost.digest} if lost else None,
		at_utc=f"{now:%Y-%m-%dT%H:%M:%SZ}",
	)
	log.declare(head, restored, body)
	return True


def breaks() -> list[Break]:
	"""Return the breaks of the log, oldest first. An entry that is damaged is left to the check of leaves."""
	return [declared for leaf in store.leaves_about(leaves.RESTART) if (declared := _break(leaf))]


def _break(leaf: store.Leaf) -> Break | None:
	try:
		body = leaves.decoded(leaf.body)
		return Break(leaf.seq, str(body["before"]), int(body["seq"]), int(body["size"]), str(body["at_utc"]))
	except (KeyError, TypeError, ValueError):
		return None


def origin_at(size: int, broken: Sequence[Break], now: str) -> str:
	"""Return the name under which the log was signed when it had this size. `now` is its name of today."""
	return next((declared.before for declared in broken if size <= declared.index), now)
