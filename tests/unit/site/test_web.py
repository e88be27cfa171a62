"""The web server of the development site, whichever gunicorn the bench has."""

import os
import selectors
from types import SimpleNamespace

from dev.site import ports, processes, services
from dev.site.inside import gunicorn_settings
from dev.site.layout import ROOT

COMPOSE = ROOT / "dev" / "compose" / "compose.yml"


def test_every_web_server_has_the_same_settings(monkeypatch):
	started = []
	monkeypatch.setattr(processes, "find", lambda _name: None)
	monkeypatch.setattr(processes, "start", lambda _name, command, **_details: started.extend(command))
	monkeypatch.setattr(processes, "wait_ready", lambda process, _condition: process)
	services.start_web(ports.any_free())
	command = " ".join(map(str, started))
	for asked in (command, COMPOSE.read_text(encoding="utf-8")):
		assert f"--config {services.SETTINGS} " in asked and "--timeout" not in asked


def test_a_worker_waits_no_longer_than_the_system_can():
	"""Frappe's fork of gunicorn, which `bench init` installs, waits for half the time-out."""
	worker = SimpleNamespace(timeout=gunicorn_settings.timeout / 2)
	gunicorn_settings.post_worker_init(worker)
	reading, writing = os.pipe()
	os.write(writing, b"a request")
	with selectors.DefaultSelector() as poller:
		poller.register(reading, selectors.EVENT_READ)
		assert poller.select(worker.timeout)
	os.close(reading), os.close(writing)
