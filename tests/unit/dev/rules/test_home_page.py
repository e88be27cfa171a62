"""What the home page opens is narrowed as the tile that opens it says.

Frappe counts by a shortcut's filter in either form, but hands it to the list as options of the route, whose
keys are fields. A list of conditions narrows nothing there.
"""

import json
from pathlib import Path

import pytest

from dev.site.layout import ROOT

MODULE = ROOT / "school_dialer" / "school_dialer"
WORKSPACE = json.loads((MODULE / "workspace" / "school_dialer" / "school_dialer.json").read_text())
NARROWED = [row for row in WORKSPACE["shortcuts"] if row["stats_filter"] not in ("", "[]")]


def fields_of(doctype: str) -> dict[str, dict]:
	name = doctype.lower().replace(" ", "_")
	path: Path = MODULE / "doctype" / name / f"{name}.json"
	return {field["fieldname"]: field for field in json.loads(path.read_text())["fields"]}


def test_some_are_narrowed():
	assert {"Approvals", "Paused", "Blocked People"} <= {row["label"] for row in NARROWED}


@pytest.mark.parametrize("row", NARROWED, ids=lambda row: row["label"])
def test_a_shortcut_names_fields_of_what_it_opens(row: dict):
	conditions, fields = json.loads(row["stats_filter"]), fields_of(row["link_to"])
	assert isinstance(conditions, dict), "a list of conditions would count, and then open all"
	for fieldname, (operator, value) in conditions.items():
		assert operator in ("=", "in")
		if fields[fieldname]["fieldtype"] == "Select":
			values = value if isinstance(value, list) else [value]
			assert set(values) <= set(fields[fieldname]["options"].split("\n"))
