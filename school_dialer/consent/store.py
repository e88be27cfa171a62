"""The ledger's SQL: the only code that writes Consent Event, Contact Consent and Consent Head.

The head of a number exists before it is locked. It names the rows of Contact Consent, which are then locked
and updated by primary key. So writers of neighboring numbers never wait for each other, if their transactions
are READ COMMITTED (`transactions.begin_request`): REPEATABLE READ also locks the gap before the first row of
a page of the index.
"""

import json
import secrets
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import frappe
from frappe.utils import now_datetime

from school_dialer.base import clock
from school_dialer.base.database.transactions import changed
from school_dialer.base.phone import mask
from school_dialer.consent import chain, events
from school_dialer.consent.state import Key, Row, Rows
from school_dialer.schools import opting_out

BATCH = 250
# Rows of one UPDATE, whose cost grows with their square.
UPDATE_BATCH = 80

STATE_COLUMNS = (
	"phone",
	"channel",
	"purpose",
	"status",
	"basis",
	"granted_at",
	"expires_at",
	"last_verified_at",
	"source",
	"wording",
	"language",
	"attachment",
	"person_doctype",
	"person",
	"opt_out_scope",
	"opted_out_at",
	"opt_out_source",
	"carrier_blocked",
	"last_event",
	"scope_if_right",
	"provided_by",
	"unconfirmed_days",
)
MOMENTS = frozenset({"granted_at", "expires_at", "last_verified_at", "opted_out_at"})
STANDARD = ("owner", "modified_by", "creation", "modified")


def _insert_into(table: str, columns: Iterable[str], verb: str = "insert") -> str:
	return verb + " into `" + table + "` (`" + "`, `".join(columns) + "`) values "


INSERT_EVENT = _insert_into("tabConsent Event", (*chain.COLUMNS, "phone_masked", "school", *STANDARD))
INSERT_ROW = _insert_into("tabContact Consent", (*STATE_COLUMNS, "name", "phone_masked", "school", *STANDARD))
INSERT_HEAD = _insert_into("tabConsent Head", ("name", "phone", "seq", "hash", *STANDARD), "insert ignore")
HEAD_COLUMNS = ("seq", "at_utc", "hash", "state_rows")
SELECT_HEAD = "select name, phone, seq, at_utc, hash, state_rows from `tabConsent Head` "
SELECT_ROWS = "select `name`, `" + "`, `".join(STATE_COLUMNS) + "` from `tabContact Consent` "


@dataclass
class Head:
	"""The end of one number's chain. `rows` maps (channel, purpose) to the name of its Contact Consent."""

	name: str
	phone: str
	seq: int = 0
	at_utc: str = ""
	hash: str = chain.GENESIS
	rows: dict[Key, str] = field(default_factory=dict)


def new_name() -> str:
	"""Return a name that grows with time, so that rows written in sequence are stored in sequence on disk."""
	return f"{time.time_ns() // 1000:013x}{secrets.token_hex(4)}"


def heads_and_stop(phone: str, reference: str) -> tuple[dict[str, str], str | None]:
	"""Return {phone: name of its head}, empty if there is none, and the event of this reference, or None.

	That is the number's event of a kind that stops calls, whose evidence came with the record `reference`.
	"""
	rows = frappe.db.sql(
		"""select name, 0 from `tabConsent Head` where phone = %(phone)s
		union all (select name, 1 from `tabConsent Event`
			where phone = %(phone)s and reference_name = %(reference)s and kind in %(stopping)s limit 1)""",
		{"phone": phone, "reference": reference, "stopping": tuple(events.STOPPING)},
	)
	head = next((name for name, is_event in rows if not is_event), None)
	return {phone: head} if head else {}, next((name for name, is_event in rows if is_event), None)


def lock_heads(phones: Sequence[str], named: dict[str, str] | None = None) -> dict[str, Head]:
	"""Return the current heads of `phones` (E.164), with row locks until the end of the transaction.

	`named` are the names of those that exist, if the caller has read them under the numbers' lock.

	Missing heads are created. Rows are locked by their primary key: by `phone`, MariaDB would also lock the
	gaps before them, and the writer of a neighboring number's first event would wait for the commit.
	"""
	if named is None:
		named = dict(frappe.db.sql("select phone, name from `tabConsent Head` where phone in %s", (phones,)))
	stamp = _standard()
	fresh = {phone: new_name() for phone in phones if phone not in named}
	_insert(INSERT_HEAD, [(name, phone, 0, chain.GENESIS, *stamp) for phone, name in fresh.items()])
	# A row that this transaction has just inserted is locked, and its content is known.
	inserted = 0 < len(fresh) <= BATCH and changed() == len(fresh)
	heads = {phone: Head(name, phone) for phone, name in fresh.items()} if inserted else {}
	if names := [*named.values(), *(() if inserted else fresh.values())]:
		heads |= _locked(SELECT_HEAD + "force index (primary) where name in %s for update", names)
	# Another transaction created these heads after the snapshot of this one was made.
	if late := [phone for phone in phones if phone not in heads]:
		heads |= _locked(SELECT_HEAD + "force index (`phone`) where phone in %s for update", late)
	return heads


def _locked(query: str, keys: Sequence[str]) -> dict[str, Head]:
	return {
		phone: Head(name, phone, seq, at_utc or "", digest, _row_names(state_rows))
		for name, phone, seq, at_utc, digest, state_rows in frappe.db.sql(query, (keys,))
	}


def _row_names(text: str | None) -> dict[Key, str]:
	return {tuple(key.split("|", 1)): name for key, name in json.loads(text or "{}").items()}


def lock_rows(heads: Collection[Head]) -> dict[str, Rows]:
	"""Return the current rows of Contact Consent that the heads name, by phone, with row locks.

	A phone is left out when one of its rows is gone: its state has to be rebuilt from its events.
	"""
	states: dict[str, Rows] = {head.phone: {} for head in heads}
	names = [name for head in heads for name in head.rows.values()]
	for start in range(0, len(names), BATCH):
		query = SELECT_ROWS + "force index (primary) where name in %s for update"
		for record in frappe.db.sql(query, (names[start : start + BATCH],)):
			row = row_from_db(record[1:])
			states[row.phone][row.key] = row
	return {head.phone: states[head.phone] for head in heads if states[head.phone].keys() == head.rows.keys()}


def row_from_db(values: Sequence) -> Row:
	"""Return a `Row` from the values of `STATE_COLUMNS`."""
	named = dict(zip(STATE_COLUMNS, values, strict=True))
	for column in MOMENTS:
		named[column] = clock.from_db(named[column])
	named["carrier_blocked"] = bool(named["carrier_blocked"])
	return Row(
		**{
			column: "" if value is None and column not in MOMENTS else value
			for column, value in named.items()
		}
	)


def row_to_db(row: Row) -> tuple:
	return tuple(
		clock.to_db(getattr(row, column)) if column in MOMENTS else getattr(row, column)
		for column in STATE_COLUMNS
	)


def write_events(sealed: Sequence[tuple]) -> None:
	stamp = _standard()
	_insert(
		INSERT_EVENT,
		[(*row, mask(row[chain.PHONE]), opting_out.school_of(row[chain.PURPOSE]), *stamp) for row in sealed],
	)


def write_state(heads: dict[str, Head], states: dict[str, Rows], changed: dict[str, set[Key]]) -> None:
	"""Store the changed rows and the heads of the numbers in `changed`."""
	stamp = _standard()
	fresh, existing = [], []
	for phone, keys in changed.items():
		for key in keys:
			values, names = row_to_db(states[phone][key]), heads[phone].rows
			if key in names:
				existing.append((names[key], *values, stamp[-1]))
			else:
				names[key] = new_name()
				school = opting_out.school_of(key[1])
				fresh.append((*values, names[key], mask(phone), school, *stamp))
	_insert(INSERT_ROW, fresh)
	_update("tabContact Consent", "name", (*STATE_COLUMNS, "modified"), existing)
	tips = [(heads[phone].name, *_head_to_db(heads[phone]), stamp[-1]) for phone in changed]
	_update("tabConsent Head", "name", (*HEAD_COLUMNS, "modified"), tips)


def remove_rows(phones: Sequence[str]) -> None:
	"""Delete the projection of `phones`, to be written again from the events."""
	frappe.db.sql("delete from `tabContact Consent` where phone in %s", (phones,))


def _head_to_db(head: Head) -> tuple:
	rows = json.dumps({"|".join(key): name for key, name in head.rows.items()}, separators=(",", ":"))
	return head.seq, head.at_utc, head.hash, rows


def _standard() -> tuple:
	user, now = frappe.session.user, now_datetime()
	return user, user, now, now


def _insert(statement: str, rows: Sequence[tuple]) -> None:
	for start in range(0, len(rows), BATCH):
		batch = rows[start : start + BATCH]
		frappe.db.sql(statement + ", ".join(["%s"] * len(batch)), tuple(batch))


def _update(table: str, key: str, columns: Sequence[str], rows: Sequence[tuple]) -> None:
	"""Update many rows at a time by a unique key.

	Each of `rows` is the key followed by the values of `columns`.
	"""
	for start in range(0, len(rows), UPDATE_BATCH):
		batch = rows[start : start + UPDATE_BATCH]
		cases = " when %s then %s" * len(batch)
		sets = ", ".join("`" + column + "` = case `" + key + "`" + cases + " end" for column in columns)
		values = [
			value for place in range(1, len(columns) + 1) for row in batch for value in (row[0], row[place])
		]
		query = "update `" + table + "` set " + sets + " where `" + key + "` in %s"
		frappe.db.sql(query, (*values, [row[0] for row in batch]))
