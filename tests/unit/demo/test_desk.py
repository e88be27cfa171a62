"""`make desk` lets one call: the simulated carrier's account is entered, and what a person entered stays."""

from types import SimpleNamespace

import pytest

pytest.importorskip("frappe", reason="the demo's modules need it")

from dev.demo import desk
from dev.site.layout import ROOT
from dev.site.steps import StepFailed
from dev.targets import TARGETS

CARRIER = SimpleNamespace(account="AC1", token="secret")


class Settings(SimpleNamespace):
	def update(self, values: dict) -> None:
		vars(self).update(values)

	def save(self) -> None:
		self.saved = True


@pytest.fixture
def settled(monkeypatch) -> list[str]:
	"""Return what was done to the site besides."""
	done: list[str] = []
	monkeypatch.setattr(desk.stage, "settle_settings", lambda carrier: done.append("settled"))
	monkeypatch.setattr(desk.stage, "set_public_url", done.append)
	return done


def given(monkeypatch, **values) -> Settings:
	empty = {"mode": "Simulated", "caller_identity": "", "call_back_number": "", "sending_numbers": []}
	settings = Settings(**{**empty, **values})
	monkeypatch.setattr(desk.frappe, "get_doc", lambda doctype: settings)
	return settings


def test_a_blank_site_gets_the_demo_schools_settings(monkeypatch, settled):
	given(monkeypatch)
	desk.connect(CARRIER, "http://127.0.0.1:1")
	assert settled == ["settled", "http://127.0.0.1:1"]


def test_what_a_person_entered_stays(monkeypatch, settled):
	own = {"caller_identity": "Hill School", "call_back_number": "+13125550142", "sending_numbers": ["one"]}
	settings = given(monkeypatch, **own)
	desk.connect(CARRIER, "http://127.0.0.1:1")
	assert settled == ["http://127.0.0.1:1"] and settings.saved
	assert (settings.caller_identity, settings.account_sid) == ("Hill School", "AC1")


def test_it_does_not_run_beside_a_live_site(monkeypatch, settled):
	given(monkeypatch, mode="Live")
	with pytest.raises(StepFailed, match="Live"):
		desk.connect(CARRIER, "http://127.0.0.1:1")
	assert settled == []


def test_make_desk_runs_it():
	assert "$(TARGET)" in (ROOT / "Makefile").read_text().partition("\ndesk:")[2].partition("\n\n")[0]
	assert TARGETS["desk"].runs == ("dev.demo.desk",) and TARGETS["desk"].inside
