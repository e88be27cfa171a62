"""The rows that the whole loop's benchmark shows, from what it measures."""

import pytest

pytest.importorskip("frappe", reason="what it measures needs Frappe")

from benchmarks import loop

RUN = {
	"rounds": 3,
	"pace": 200,
	"placed": 2000,
	"reached": 2000,
	"stopped": 20,
	"placed_per_second": 199.6,
	"ended_per_second": 61.2,
	"worker_ms": 2.0,
	"web_ms": 3.0,
	"carrier_ms": 4.0,
	"database_ms": 1.0,
	"statements": 9.0,
	"redis": 5.4,
}


def test_its_rows_have_a_result_each():
	rows = loop.table(RUN)
	assert ("Calls placed a second", "200", "200") in rows
	assert ("… reached and ended", "2,000", "2,000") in rows
	assert ("Redis commands for a call and its reports", "5.4", "6") in rows
	assert all(len(row) == 3 and row[1] for row in rows)


def test_its_bar_is_redis():
	((_name, measured, goal, kind),) = loop.bars(RUN)
	assert (measured, goal, kind) == (5.4, 6, "most")
