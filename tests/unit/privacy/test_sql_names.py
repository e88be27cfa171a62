"""A statement's names are read as MariaDB reads them, and what cannot be read is refused."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.privacy.statements.sql_names import Unreadable, judge

HIDDEN = {"tabDialer Recipient": {"phone", "raw_phone"}}
TABLE = "`tabDialer Recipient`"
DOCTYPES = Path(__file__).parents[3] / "school_dialer" / "school_dialer" / "doctype"

NAMING = (
	f"select phone from {TABLE}",
	f"select `PHONE` from {TABLE}",
	f"select name from {TABLE} where {TABLE}.`phone` like '+1%'",
	f"select name from {TABLE} order by phone",
	f"select name from {TABLE} group by left(phone, 7)",
	f"select name from {TABLE} having max(phone) > '+1'",
	f"select name from {TABLE} where name = 'x\\\\' and phone like '+1%' -- '",
	f"select name from {TABLE} where name = 'it''s' and phone = '1'",
	f'select name from {TABLE} where name = "\\"" and phone = "1"',
	f"select name from {TABLE} where 1.5phone",
	f"select name from {TABLE} t where t . phone = 1",
	f"select name from {TABLE} where/**/phone/**/like '1'",
	f"select name from {TABLE} # comment'\n where phone = 1",
	f"select name from {TABLE} where name = 'a' --'b' and phone = 1",
	f"select name from tabNote where exists (select 1 from {TABLE} where phone = 1)",
	f"select name from {TABLE} as `tabContact` where `tabContact`.`phone` = 1",
	f"select name from {TABLE} join tabContact using (phone)",
	f"update {TABLE} set phone = null",
	f"update {TABLE} set status = 'x' where phone = 1",
	f"insert into tabNote (title) select phone from {TABLE}",
	f"delete from {TABLE} where phone = 1",
	f"(select name from {TABLE} where phone = 1) union (select 1)",
	"select name from `TABDIALER RECIPIENT` where phone = 1",
	f"SET STATEMENT max_statement_time=1 FOR select count(*) from {TABLE} where phone = 1",
)
UNREADABLE = (
	f"select name /*!50000, phone */ from {TABLE}",
	f"select name /*M!100000 , phone */ from {TABLE}",
	f"select name from {TABLE} where name = 'open",
	f"select name /* open from {TABLE}",
	f"select name from {TABLE} where ph\u00f6ne = 1",
	f"select * from {TABLE} union select 1, 2",
	f"select * from {TABLE} order by 7",
	f"select * from {TABLE} order by name, 7 desc limit 5",
	f"select * from {TABLE} natural join tabContact",
	f"select * from {TABLE} procedure analyse()",
	f"select * from {TABLE} into outfile 'people.txt'",
	f"select b from (select 1 a, 2 b union select * from {TABLE}) t",
	f"insert into tabNote select * from {TABLE}",
	f"with t (a, b) as (select * from {TABLE}) select a from t",
	f"create table x as select * from {TABLE}",
	f"handler {TABLE} open",
	f"alter table {TABLE} rename column x to y",
	f"set statement sql_mode='' for select name from {TABLE}",
	f"set statement max_statement_time=1, sql_mode='' for select name from {TABLE}",
	f"set statement max_statement_time=(select 1) for select name from {TABLE}",
	f"set statement max_statement_time=1 for alter table {TABLE} rename column x to y",
	f"set statement max_statement_time=1 for set statement sql_mode='' for select name from {TABLE}",
)
HARMLESS = (
	f"select name, phone_masked from {TABLE} where name = 'phone'",
	f"select count(*) from {TABLE} where status = 'phone is \\'off\\''",
	f"select name from {TABLE} /* by phone */ order by creation",
	f"update {TABLE} set `_comments` = 'phone' where name = 'x'",
	"select phone from tabContact where name = 'x'",
	f"SET STATEMENT max_statement_time=1.5 FOR select count(*) from (select name from {TABLE} limit 1001) p",
	f"select name from {TABLE} where name = 'set statement max_statement_time=1 for '",
	"select name from `tabComment` where content like '%`tabDialer Recipient` phone%'",
)


@pytest.mark.parametrize("statement", NAMING)
def test_a_hidden_column_is_found(statement):
	assert judge(statement, HIDDEN).named == {"phone"}


@pytest.mark.parametrize("statement", UNREADABLE)
def test_what_hides_its_meaning_is_refused(statement):
	with pytest.raises(Unreadable):
		judge(statement, HIDDEN)


@pytest.mark.parametrize("statement", HARMLESS)
def test_all_else_runs(statement):
	verdict = judge(statement, HIDDEN)
	assert not verdict.named and not verdict.whole_rows


@pytest.mark.parametrize("rows", ["*", f"{TABLE}.*", "name, t.*"])
def test_whole_rows_are_known(rows):
	verdict = judge(
		f"select {rows} from {TABLE} t where name = 'x' order by creation desc limit 1 for update", HIDDEN
	)
	assert verdict.whole_rows and not verdict.named and verdict.hidden == {"phone", "raw_phone"}


@given(st.text(max_size=30))
def test_no_value_hides_what_follows_it(value):
	"""The value is escaped as the database client escapes it."""
	escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\0", "\\0")
	assert judge(f"select name from {TABLE} where name = '{escaped}' and phone = '1'", HIDDEN).named == {
		"phone"
	}


def test_every_doctype_with_hidden_fields_is_guarded():
	source = (DOCTYPES.parents[1] / "privacy" / "hidden_fields.py").read_text()
	found = []
	for path in DOCTYPES.glob("*/*.json"):
		doctype = json.loads(path.read_text())
		if any(field.get("permlevel") for field in doctype["fields"]):
			found.append(doctype["name"])
	assert len(found) > 5
	assert [name for name in found if f'"{name}",' not in source] == []
