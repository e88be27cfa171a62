"""site.py: what the database server is asked, without a site."""

from types import SimpleNamespace

import pytest

from school_dialer.health import site
from school_dialer.health.finding import FAIL, OK


@pytest.mark.parametrize(
	("log", "form", "state"),
	[(1, "STATEMENT", FAIL), (1, "MIXED", OK), (1, "ROW", OK), (0, "STATEMENT", OK)],
)
def test_a_server_that_logs_statements_refuses_what_calls_write(monkeypatch, log, form, state):
	monkeypatch.setattr(site.frappe, "db", SimpleNamespace(sql=lambda _query: ((log, form),)))
	monkeypatch.setattr(site, "_", str)
	monkeypatch.setattr(site, "missing_triggers", list)
	monkeypatch.setattr(site, "has_constraint", lambda: True)
	found = site.database()
	assert (found.state, "binlog_format" in found.text) == (state, state == FAIL)
