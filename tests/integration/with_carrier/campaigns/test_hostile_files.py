"""Lists of people whose cells, lines or columns are too long, too many or missing.

They are refused with a message, or read line by line.
"""

import frappe
import pytest

from school_dialer.campaigns import actions
from school_dialer.campaigns.planning import planner
from school_dialer.consent import importer
from tests.integration import factories as make

NUMBER = "+13125550142"
FILES = {
	"one cell of a million": f"name,phone\n{'x' * 1_000_000},{NUMBER}",
	"a long cell": f"name,phone\n{'x' * 100_000},{NUMBER}",
	"a quote that never ends": f'name,phone\n"Ana,{NUMBER}\n' + "x,y\n" * 30_000,
	"a hundred thousand columns": "name,phone" + ",x" * 100_000 + f"\nAna,{NUMBER}" + ",y" * 100_000,
	"quotes": "name,phone\n" + '"' * 100_000,
	"no line ends": "name,phone" * 50_000,
	"carriage returns": "name,phone\r" + f"Ana,{NUMBER}\r" * 1_000,
	"zeros": "name,phone\n\x00\x00,\x00",
	"a long number": "name,phone\nAna," + "1" * 100_000,
	"a long language": f"name,phone,language\nAna,{NUMBER},{'x' * 5_000}",
	"markup": f"name,phone\n{'<b>' * 30_000},{NUMBER}",
}


def saved(content: str) -> str:
	return (
		frappe.get_doc(
			{
				"doctype": "File",
				"file_name": f"{frappe.generate_hash(length=8)}.csv",
				"content": content,
				"is_private": 1,
			}
		)
		.insert()
		.file_url
	)


@pytest.mark.parametrize("kind", FILES)
def test_an_audience_of_any_file_is_planned_or_refused_in_words(school, kind):
	number = make.phone()
	make.consent(number)
	url = saved(FILES[kind].replace(NUMBER, number))
	try:
		doc = make.campaign([], audience_file=url)
		options = planner.preview(doc, 5_000)
		actions.start(doc.name, confirmed=len(options))
	except frappe.ValidationError as refusal:
		assert str(refusal) and len(str(refusal)) < 1_000
		return
	assert len(options) <= 5_000
	planner.run(doc.name)
	assert frappe.db.get_value("Dialer Campaign", doc.name, "status") != "Planning"


@pytest.mark.parametrize("kind", FILES)
def test_an_import_of_any_file_is_read_or_refused_in_words(school, kind):
	content = FILES[kind].replace("name,", "note,", 1)
	try:
		lines = importer.read_csv(content.encode(), "US", "a file")
	except frappe.ValidationError as refusal:
		assert str(refusal) and len(str(refusal)) < 1_000
		return
	assert all(line.event or line.error for line in lines)
	assert len(importer.error_csv(lines)) <= 2 * len(content) + 200 * (len(lines) + 1)
