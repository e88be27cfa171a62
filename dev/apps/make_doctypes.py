"""Write the DocTypes of the stand-in apps from their short tables.

The real ERPNext and Education are not available from a package registry. The development site gets two small
apps instead, with the DocType names, modules, fields, options and submittability of the real ones (ERPNext
15, Education version-15). `APP/tables/*.txt` declares them, one field per line. This script turns each into
the files that Frappe loads, `APP/APP/MODULE/doctype/NAME/NAME.json`, and adds a controller where none exists:

	python dev/apps/make_doctypes.py            write
	python dev/apps/make_doctypes.py --check    exit 1 if the files on disk differ from the tables

A table reads

	[Student] Education | name=naming_series: | title=student_name | roles=Academics User; Instructor: read
	first_name | Data | reqd
	gender | Link: Gender

Commas separate the options of a Select (a leading comma is the empty choice). The first role has all rights;
every other role has the rights listed after its name. The flags are `table`, `single`, `submittable`,
`rename` and `titled`; of a titled DocType, links show the title.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
STAMP = "2024-01-01 00:00:00.000000"
ALL_RIGHTS = ("read", "write", "create", "delete", "report", "export", "print", "email", "share")
SUBMIT_RIGHTS = ("submit", "cancel", "amend")
DOCTYPE_FLAGS = {
	"table": "istable",
	"single": "issingle",
	"submittable": "is_submittable",
	"rename": "allow_rename",
	"titled": "show_title_field_in_link",
}
FIELD_FLAGS = ("reqd", "unique", "read_only", "hidden", "search_index", "no_copy")
FIELD_VALUES = {"default": "default", "fetch": "fetch_from", "label": "label"}
CONTROLLER = "from frappe.model.document import Document\n\n\nclass {name}(Document):\n\tpass\n"


def scrub(name: str) -> str:
	return re.sub(r"[ -]", "_", name).lower()


def read_tables(app: Path) -> Iterator[dict]:
	"""Yield the DocType documents that the tables of one app declare."""
	for table in sorted((app / "tables").glob("*.txt")):
		doctype: dict | None = None
		for line in table.read_text(encoding="utf-8").splitlines():
			if not line.strip() or line.startswith("#"):
				continue
			if line.startswith("["):
				if doctype:
					yield finish(doctype)
				doctype = read_head(line)
			elif doctype is None:
				raise ValueError(f"{table.name}: a field stands before the first DocType: {line}")
			else:
				doctype["fields"].append(read_field(line))
		if doctype:
			yield finish(doctype)


def read_head(line: str) -> dict:
	name, rest = line[1:].split("]", 1)
	module, *words = (word.strip() for word in rest.split("|"))
	doctype: dict = {"name": name, "module": module, "fields": [], "roles": "System Manager"}
	for word in words:
		key, _, value = word.partition("=")
		if key in DOCTYPE_FLAGS:
			doctype[DOCTYPE_FLAGS[key]] = 1
		elif key in ("name", "title", "roles"):
			doctype[{"name": "autoname", "title": "title_field"}.get(key, key)] = value
		else:
			raise ValueError(f"{name}: unknown word {word!r}")
	return doctype


def read_field(line: str) -> dict:
	fieldname, kind, *words = (word.strip() for word in line.split("|"))
	fieldtype, _, options = kind.partition(":")
	field: dict = {
		"fieldname": fieldname,
		"fieldtype": fieldtype,
		"label": fieldname.replace("_", " ").title(),
	}
	if options:
		field["options"] = "\n".join(choice.strip() for choice in options.split(","))
	for word in words:
		key, _, value = word.partition("=")
		if key in FIELD_FLAGS:
			field[key] = 1
		elif key in FIELD_VALUES:
			field[FIELD_VALUES[key]] = value
		else:
			raise ValueError(f"{fieldname}: unknown word {word!r}")
	return field


def finish(doctype: dict) -> dict:
	"""Return the complete DocType document: permissions, list view, layout."""
	fields = doctype.pop("fields")
	roles = doctype.pop("roles")
	plain = [f for f in fields if f["fieldtype"] != "Table"]
	tables = [f for f in fields if f["fieldtype"] == "Table"]
	for field in plain[:4] if doctype.get("istable") else [f for f in plain if f.get("reqd")][:3]:
		field["in_list_view"] = 1
	layout = list(plain)
	if not doctype.get("istable") and len(plain) > 3:
		layout.insert((len(plain) + 1) // 2, {"fieldname": "column_break", "fieldtype": "Column Break"})
	if tables:
		layout.append({"fieldname": "tables_section", "fieldtype": "Section Break"})
	layout += tables
	submit = SUBMIT_RIGHTS if doctype.get("is_submittable") else ()
	return {
		"actions": [],
		"creation": STAMP,
		"doctype": "DocType",
		"engine": "InnoDB",
		**doctype,
		"field_order": [f["fieldname"] for f in layout],
		"fields": layout,
		"links": [],
		"modified": STAMP,
		"modified_by": "Administrator",
		"owner": "Administrator",
		"permissions": [] if doctype.get("istable") else permissions(roles, submit),
		"sort_field": "modified",
		"sort_order": "DESC",
		"states": [],
		"track_changes": 0 if doctype.get("istable") else 1,
	}


def permissions(roles: str, submit: tuple[str, ...]) -> list[dict]:
	rows = []
	for entry in roles.split(";"):
		role, _, rights = (part.strip() for part in entry.partition(":"))
		granted = rights.split() if rights else [*ALL_RIGHTS, *submit]
		rows.append({**dict.fromkeys(granted, 1), "role": role})
	return rows


def files(app: Path) -> Iterator[tuple[Path, str]]:
	"""Yield (path, content) of every file generated for one app; an existing controller is left alone."""
	package = app / app.name
	for doctype in read_tables(app):
		module = package / scrub(doctype["module"])
		folder = module / "doctype" / scrub(doctype["name"])
		yield folder / f"{folder.name}.json", json.dumps(doctype, indent=1, sort_keys=True) + "\n"
		controller = folder / f"{folder.name}.py"
		name = re.sub(r"[ -]", "", doctype["name"])
		yield controller, controller.read_text() if controller.exists() else CONTROLLER.format(name=name)
		for init in (module, module / "doctype", folder):
			yield init / "__init__.py", ""


def main(arguments: list[str]) -> int:
	wanted = {path: text for app in apps() for path, text in files(app)}
	if "--check" in arguments:
		stale = [
			path
			for path, text in wanted.items()
			if not path.exists() or path.read_text(encoding="utf-8") != text
		]
		on_disk = {path for app in apps() for path in (app / app.name).rglob("doctype/*/*.json")}
		stale += sorted(on_disk - wanted.keys())
		for path in stale:
			print(f"differs from its table: {path.relative_to(HERE)}")
		return 1 if stale else 0
	for path, text in wanted.items():
		path.parent.mkdir(parents=True, exist_ok=True)
		path.write_text(text, encoding="utf-8")
	print(f"{sum(path.suffix == '.json' for path in wanted)} DocTypes written")
	return 0


def apps() -> list[Path]:
	return sorted(path.parent for path in HERE.glob("*/tables"))


if __name__ == "__main__":
	sys.exit(main(sys.argv[1:]))
