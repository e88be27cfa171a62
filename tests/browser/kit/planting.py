"""Plant markers that call `planted(n)` in a browser.

The markers go into every text field of our DocTypes and of the school's records that families fill in. They
bypass Frappe and go straight into the tables, as a bulk insert or another app would put them there. The
previous values are restored.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import frappe

TEXT = (
	"Data",
	"Small Text",
	"Text",
	"Long Text",
	"Text Editor",
	"Markdown Editor",
	"HTML Editor",
	"Code",
	"Read Only",
	"Autocomplete",
	"Attach",
	"Attach Image",
)
VARIANTS = (
	# Text, both kinds of attributes, and a tag that is closed by the text that follows.
	"""'"><img src=x onerror=planted({0})><svg onload=planted({0}) """,
	# Valid JSON, which Frappe's own filter accepts.
	'"<img src=x onerror=planted({0})>"',
	"""x" onfocus="planted({0})" autofocus y='x' onmouseover='planted({0})'""",
	"javascript:planted({0})",
	# Already escaped text. It becomes HTML if it is unescaped once too often.
	"&lt;img src=x onerror=planted({0})&gt;",
	"{{{{ constructor.constructor('planted({0})')() }}}}${{planted({0})}}",
)
SCHOOL = ("Student", "Guardian", "Contact", "Issue", "Student Group", "Program")
KEPT = (
	"mobile_number",
	"alternate_number",
	"student_mobile_number",
	"mobile_no",
	"phone",
	"raised_by",
	"email_id",
	"naming_series",
)
"""Fields of the school's records that lead to a person. A call needs their real values."""
RICH = ("Text Editor", "HTML Editor", "Markdown Editor")
"""Fields of other apps' records that hold HTML on purpose. Frappe sanitizes them on save."""
SHAPES = {
	"students": lambda marker: json.dumps([marker]),
	"fields_used": lambda marker: json.dumps([marker]),
	"fields_disclosed": lambda marker: json.dumps([marker]),
	"choices": lambda marker: json.dumps({"answers": {"Voice:Event": {"yes": True, "words": marker}}}),
	"history": lambda marker: json.dumps([marker]),
	"decision": lambda _marker: None,
	"audience_filters": lambda _marker: None,
	"plan_cursor": lambda _marker: None,
	"dialogue": lambda _marker: None,
	"digests": lambda _marker: "{}",
	"state_rows": lambda _marker: "{}",
	"keys_pressed": lambda _marker: "1",
}
"""Fields that are parsed as JSON get JSON that contains the marker, or nothing."""
EVIDENCE = (
	"Consent Event",
	"Consent Anchor",
	"Consent Head",
	"Dialer Alias",
	"Dialer Disclosure",
	"Dialer Proof Checkpoint",
	"Dialer Proof Leaf",
	"Dialer Proof Node",
)
"""The database refuses to delete these. The ledger's own text test covers the first."""


BOARDS = {"Dialer Campaign": "title", "Dialer Recipient": "person_name"}
"""Kanban boards whose cards show text that outsiders wrote."""


@dataclass
class Plot:
	"""The place of each marker by its number, and the records and boards that show markers, by DocType."""

	places: list[str] = field(default_factory=list)
	records: dict[str, list[str]] = field(default_factory=dict)
	boards: dict[str, str] = field(default_factory=dict)

	def marker(self, place: str, variant: str, longest: int) -> str:
		self.places.append(place)
		return variant.format(len(self.places) - 1)[: longest or None]


def doctypes() -> list[str]:
	"""Return all DocTypes of this app that are neither Single nor child tables."""
	return frappe.get_all(
		"DocType", {"module": "School Dialer", "issingle": 0, "istable": 0}, pluck="name", order_by="name"
	)


@contextmanager
def planted() -> Iterator[Plot]:
	plot = Plot()
	for doctype in doctypes():
		if doctype not in EVIDENCE:
			plot.records[doctype] = [sow(plot, doctype, place) for place in range(len(VARIANTS))]
	before = {doctype: overwrite(plot, doctype) for doctype in SCHOOL}
	plot.records["File"] = [
		attach(plot, doctype, name, variant)
		for doctype, name in (
			("Dialer Campaign", "planted-dialer_campaign-0"),
			*((one, existing(one)) for one in SCHOOL),
		)
		for variant in VARIANTS
	]
	plot.boards = {doctype: board(doctype, field) for doctype, field in BOARDS.items()}
	frappe.db.commit()
	frappe.clear_cache()
	try:
		yield plot
	finally:
		frappe.db.rollback()
		for name in plot.boards.values():
			frappe.delete_doc("Kanban Board", name, force=True)
		for doctype, names in plot.records.items():
			frappe.db.delete(doctype, {"name": ("in", names)})
		for doctype, rows in before.items():
			for row in rows:
				put(doctype, row)
		frappe.db.commit()
		frappe.clear_cache()


def sow(plot: Plot, doctype: str, place: int) -> str:
	"""Insert a record of ours whose texts are all markers of one variant, and return its name.

	The first record (place 0) has an ordinary status, so that all its buttons show.
	"""
	room, name = columns(doctype), f"planted-{frappe.scrub(doctype)[-24:]}-{place}"
	now = frappe.utils.now()
	stamps = {"creation": now, "modified": now, "owner": "Administrator", "modified_by": "Administrator"}
	row = {"name": name, **stamps}
	for df in frappe.get_meta(doctype).fields:
		if df.fieldtype in TEXT or (df.fieldtype == "Select" and place):
			marker = plot.marker(f"{doctype}.{df.fieldname}", VARIANTS[place], room.get(df.fieldname, 0))
			row[df.fieldname] = SHAPES.get(df.fieldname, lambda marker: marker)(marker)
		elif df.fieldtype == "Select":
			row[df.fieldname] = next((one for one in (df.options or "").split("\n") if one), None)
		elif df.fieldtype in ("Date", "Datetime"):
			row[df.fieldname] = (
				frappe.utils.add_days(now[:10], -400 - place) if df.fieldtype == "Date" else now
			)
	row |= own(doctype, place)
	row = {column: value for column, value in row.items() if column in room and value is not None}
	marks = ", ".join(["%s"] * len(row))
	frappe.db.sql(f"insert into `tab{doctype}` (`{'`, `'.join(row)}`) values ({marks})", tuple(row.values()))
	return name


def attach(plot: Plot, doctype: str, name: str, variant: str) -> str:
	"""Insert a File whose file name is a marker, as an outsider could choose it. Return its name."""
	now, file = frappe.utils.now(), frappe.generate_hash(length=10)
	written = plot.marker("File.file_name", variant, 140)
	frappe.db.sql(
		"insert into `tabFile` (name, creation, modified, owner, modified_by, file_name, file_url, "
		"""is_private, attached_to_doctype,
		attached_to_name) values (%s, %s, %s, 'Administrator', 'Administrator', %s, %s, 1, %s, %s)""",
		(file, now, now, written, f"/private/files/{written}", doctype, name),
	)
	return file


def board(doctype: str, field: str) -> str:
	states = [one for one in frappe.get_meta(doctype).get_field("status").options.split("\n") if one]
	columns = [{"column_name": state, "status": "Active", "indicator": "Gray"} for state in states]
	made = frappe.get_doc(
		{
			"doctype": "Kanban Board",
			"kanban_board_name": f"Planted {doctype}",
			"reference_doctype": doctype,
			"field_name": "status",
			"filters": json.dumps([[doctype, "name", "like", "planted-%"]]),
			"fields": json.dumps([field]),
			"show_labels": 1,
			"columns": columns,
		}
	).insert(ignore_permissions=True)
	return made.name


def own(doctype: str, place: int) -> dict:
	"""Return the values a record needs so that its form opens and the database accepts it."""
	person = {"person_doctype": "Student", "person": existing("Student", place=place)}
	needed = {
		"Dialer Call Log": {
			"verdict": "ALLOW",
			"direction": "Outbound",
			"campaign": "planted-dialer_campaign-0",
			**person,
		},
		"Dialer Recipient": {"campaign": "planted-dialer_campaign-0", "status": "Pending", **person},
		"Dialer Answer": {"campaign": "planted-dialer_campaign-0", **person},
		"Dialer Campaign": {
			"status": "Draft",
			"purpose": "Event",
			"channel": "Voice",
			"template": "Event reminder",
			"audience_source": "Guardians of a Student Group",
			"audience_doctype": "Student Group",
			"audience_name": existing("Student Group", {"name": "Chess Club"}),
		},
		"Dialer Rule": {"kind": "Absence", "enabled": 0},
		"Dialer Rule Run": {"rule": "planted-dialer_rule-0"},
		"Dialer Policy": {"rules": "{}", "enabled": 0},
		"Contact Consent": person,
		"Dialer Legal Hold": person,
		"Dialer PIN": person,
	}
	return needed.get(doctype, {})


def existing(doctype: str, filters: dict | None = None, place: int = 0) -> str:
	return frappe.get_all(doctype, filters or {}, pluck="name", order_by="name", limit=1, limit_start=place)[
		0
	]


def columns(doctype: str) -> dict[str, int]:
	"""Return the columns of the table and the number of characters each holds. Numeric columns have 0."""
	rows = frappe.db.sql(
		"""select column_name, ifnull(character_maximum_length, 0) from information_schema.columns
		where table_schema = database() and table_name = %s""",
		f"tab{doctype}",
	)
	return {name: int(longest) for name, longest in rows}


def overwrite(plot: Plot, doctype: str) -> list[dict]:
	"""Put markers into the texts of the school's own records, and return the rows as they were before."""
	if not frappe.db.exists("DocType", doctype):
		return []
	room = columns(doctype)
	fields = [
		df.fieldname
		for df in frappe.get_meta(doctype).fields
		if df.fieldtype in TEXT
		and df.fieldtype not in RICH
		and room.get(df.fieldname)
		and df.fieldname not in KEPT
	]
	rows = frappe.get_all(doctype, fields=["name", *fields], order_by="name", limit=len(VARIANTS) * 8)
	for place, row in enumerate(rows):
		variant = VARIANTS[place % len(VARIANTS)]
		values = {field: plot.marker(f"{doctype}.{field}", variant, room[field]) for field in fields}
		put(doctype, {"name": row.name, **values})
	return rows


def put(doctype: str, row: dict) -> None:
	values = {column: value for column, value in row.items() if column != "name"}
	if values:
		sets = ", ".join(f"`{column}` = %s" for column in values)
		frappe.db.sql(f"update `tab{doctype}` set {sets} where name = %s", (*values.values(), row["name"]))
