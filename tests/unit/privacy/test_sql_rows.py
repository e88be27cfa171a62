"""A statement reads only the rows that meet a condition, in whatever way it names their table."""

import pytest

from school_dialer.privacy.statements.sql_names import Unreadable
from school_dialer.privacy.statements.sql_rows import narrowed

TABLE = "`tabDialer Recipient`"
MAY = f"{TABLE}.person in ('x')"
ROWS = f"(select * from {TABLE} where {MAY})"

NARROWED = {
	f"select name from {TABLE}": f"select name from {TABLE} where ({MAY}) ",
	f"select name from {TABLE} where a = 1 or b = 2 order by c limit 3": (
		f"select name from {TABLE} where ( a = 1 or b = 2) and ({MAY})  order by c limit 3"
	),
	f"select name from {TABLE} where name = %s for update": (
		f"select name from {TABLE} where ( name = %s) and ({MAY})  for update"
	),
	f"select name from {TABLE} where a = 1 -- or": (
		f"select name from {TABLE} where ( a = 1) and ({MAY})  -- or"
	),
	f"select 1 from {TABLE} where 'a' = substring(b from 1 for 2) limit 1": (
		f"select 1 from {TABLE} where ( 'a' = substring(b from 1 for 2)) and ({MAY})  limit 1"
	),
	f"select name from {TABLE} where a in (select b from tabNote) for update": (
		f"select name from {TABLE} where ( a in (select b from tabNote)) and ({MAY})  for update"
	),
	f"select name from {TABLE} where a in (select b from {TABLE}) limit 1": (
		f"select name from {TABLE} where ( a in (select b from {ROWS} as {TABLE})) and ({MAY})  limit 1"
	),
	f"select r.name from {TABLE} r": f"select r.name from {ROWS} r",
	f"select r.name from tabNote, {TABLE} as r": f"select r.name from tabNote, {ROWS} as r",
	f"select count(*) from tabNote left join {TABLE} on {TABLE}.a = 1": (
		f"select count(*) from tabNote left join {ROWS} as {TABLE} on {TABLE}.a = 1"
	),
	f"select 1 from tabNote where a in (select b from {TABLE} where c)": (
		f"select 1 from tabNote where a in (select b from {ROWS} as {TABLE} where c)"
	),
	f"(select a from {TABLE}) union (select 1)": f"(select a from {ROWS} as {TABLE}) union (select 1)",
	f"insert into tabNote select name from {TABLE}": (
		f"insert into tabNote select name from {ROWS} as {TABLE}"
	),
	f"with t as (select * from {TABLE}) select a from t": (
		f"with t as (select * from {ROWS} as {TABLE}) select a from t"
	),
}
LEFT = (
	f"update {TABLE} set status = 'x' where name = 'a'",
	f"delete from {TABLE} where name = 'a'",
	f"insert into {TABLE} (name) values ('a')",
	f"show columns from {TABLE}",
	"select '`tabDialer Recipient`' from tabNote",
	"select 1 from information_schema.tables where table_name = 'tabDialer Recipient'",
)
REFUSED = (
	f"select name from {TABLE} where a) or (1 = 1",
	f"select 1 from {TABLE} r for update",
	f"select 1 from {TABLE} r lock in share mode",
	f"select 1 from db.{TABLE}",
	f"select name /*!50000, phone */ from {TABLE}",
)


def asked(statement: str) -> str:
	return narrowed(statement, {"tabdialer recipient"}, lambda _table: MAY)


@pytest.mark.parametrize("statement", NARROWED)
def test_a_table_is_replaced_by_the_rows_that_may_be_read(statement):
	assert asked(statement) == NARROWED[statement]


@pytest.mark.parametrize("statement", LEFT)
def test_what_reads_no_row_is_left(statement):
	assert asked(statement) == statement


@pytest.mark.parametrize("statement", REFUSED)
def test_what_cannot_be_narrowed_is_refused(statement):
	with pytest.raises(Unreadable):
		asked(statement)


def test_a_name_without_quotes_is_a_table_too():
	answer = narrowed("select a from tabComment c", {"tabcomment"}, lambda _table: "`tabComment`.a = 1")
	assert answer == "select a from (select * from tabComment where `tabComment`.a = 1) c"


def test_a_condition_of_our_own_reads_all_rows():
	"""Check that what decides about rows, such as all numbers of a school, is not narrowed by it."""
	own = f"phone in (select phone from {TABLE} where school = 'North')"
	statement = f"select name from `tabConsent Event` where {own} and a in (select a from {TABLE})"
	answer = narrowed(statement, {"tabdialer recipient"}, lambda _table: MAY, {"1 = 0", own})
	assert answer == statement[: -len(f"{TABLE})")] + f"{ROWS} as {TABLE})"


def test_who_may_read_all_rows_asks_as_before():
	statement = f"select name from {TABLE} where a = 1"
	assert narrowed(statement, {"tabdialer recipient"}, lambda _table: "") == statement
