"""The web server of the development site, whichever gunicorn the bench has."""

import re

from dev.site import ports, processes, services
from dev.site.layout import ROOT

COMPOSE = ROOT / "dev" / "compose" / "compose.yml"


def test_no_request_is_too_long_for_the_web_server(monkeypatch):
	"""Frappe's fork of gunicorn, which `bench init` installs, ends a process with its first request at 0."""
	started = []
	monkeypatch.setattr(processes, "find", lambda _name: None)
	monkeypatch.setattr(processes, "start", lambda _name, command, **_details: started.extend(command))
	monkeypatch.setattr(processes, "wait_ready", lambda process, _condition: process)
	services.start_web(ports.any_free())
	command = " ".join(map(str, started))
	for asked in (command, COMPOSE.read_text(encoding="utf-8")):
		assert [int(seconds) for seconds in re.findall(r"--timeout (\d+)", asked)] == [services.TEN_YEARS]
