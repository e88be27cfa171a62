"""The demo's table adds up on its face: people are people, and who has several reasons is said to."""

import pytest

CAMPAIGN = {
	"name": "Spring concert",
	"purpose": "Event",
	"channel": "Voice",
	"recipients": 10,
	"allowed": 6,
	"called": 6,
	"reached": 5,
	"deferred": 1,
	"deferred_until": "later",
	"not_called": 3,
}


@pytest.fixture
def table():
	pytest.importorskip("frappe")
	from dev.demo import table

	return table


def test_people_with_several_reasons_are_explained(table):
	lines = table.of_campaign({**CAMPAIGN, "blocked": {"NO_CONSENT": 3, "OPTED_OUT": 1}})
	assert lines[1].endswith("not called: 3 people")
	assert lines[-1].strip() == table.SEVERAL


def test_one_reason_each_needs_no_explanation(table):
	lines = table.of_campaign({**CAMPAIGN, "blocked": {"NO_CONSENT": 2, "OPTED_OUT": 1}})
	assert not [line for line in lines if table.SEVERAL in line]


def test_the_columns_of_people_add_up(table):
	keys = [key for _heading, key in table.COLUMNS]
	assert keys == ["recipients", "allowed", "called", "reached", "deferred"]
	assert CAMPAIGN["recipients"] == CAMPAIGN["allowed"] + CAMPAIGN["deferred"] + CAMPAIGN["not_called"]
