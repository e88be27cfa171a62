"""`dialer doctor`, and the metrics that need a token."""

import json
import secrets

import frappe
import pytest
import requests
from click.testing import CliRunner

from dev.patience import PATIENCE, eventually
from school_dialer.desk import health
from school_dialer.health import endpoint, examine, openmetrics
from school_dialer.health.finding import SEVERITY, Finding
from school_dialer.terminal import command_line, doctor
from tests.integration import errors
from tests.integration import factories as make

FINE, WARNINGS, BAD, NO_SITE = range(4)
SETTINGS = "Dialer Settings"
NAMES = list(examine.ALL)
METRICS = "api/method/school_dialer.health.endpoint.metrics"


def test_doctor_says_what_keeps_calls_from_going_out(bench, carrier):
	"""Run without a worker that serves this site's queues, so that the state is bad."""
	done = bench("doctor", "--json")
	assert done.returncode == BAD, (done.stdout, done.stderr)
	found = json.loads(done.stdout)
	assert found.keys() == {"state", "at", "checks"} and found["state"] == "fail"
	assert [one["name"] for one in found["checks"]] == NAMES
	for one in found["checks"]:
		assert one.keys() == {"name", "state", "text", "figures"}
		assert one["state"] in SEVERITY and one["text"].endswith((".", "?"))
		assert all(isinstance(value, int | float) for value in one["figures"].values())
	states = {one["name"]: one["state"] for one in found["checks"]}
	assert states["workers"] == "fail" and states["carrier"] == "ok" and states["database"] == "ok"
	plain = bench("doctor", "--no-outside")
	assert plain.returncode == BAD
	assert [line.split()[1] for line in plain.stdout.splitlines()] == list(examine.INSIDE)


@pytest.mark.parametrize(("state", "code"), [("ok", FINE), ("warn", WARNINGS), ("fail", BAD)])
def test_the_exit_code_is_the_worst_state(monkeypatch, site, state, code):
	checks = {"disk": lambda: Finding("disk", "ok", "Fine."), "due": lambda: Finding("due", state, "So.")}
	monkeypatch.setattr(examine, "ALL", checks)
	monkeypatch.setattr(command_line, "guarded", lambda context, user, method: method())
	done = CliRunner().invoke(doctor.doctor, ["--json"], obj=frappe._dict(sites=[site], profile=False))
	assert done.exit_code == code
	assert json.loads(done.output)["state"] == state


def test_a_site_that_is_not_there_and_an_option_that_is_none(bench):
	assert bench("doctor", site="none.localhost").returncode == NO_SITE
	assert bench("doctor", "--nonsense").returncode == 2


@pytest.fixture
def token(web) -> str:
	value = secrets.token_urlsafe(32)
	doc = frappe.get_doc(SETTINGS)
	doc.metrics_token = value
	doc.save()
	frappe.db.commit()
	forget()
	yield value
	frappe.db.rollback()
	doc = frappe.get_doc(SETTINGS)
	doc.metrics_token = ""
	doc.save()
	frappe.db.commit()
	forget()


def forget() -> None:
	frappe.cache().delete_value(endpoint.KEPT)
	frappe.cache().delete_keys("school_dialer:limit:metrics")


def ask(web: str, given: str | bytes | None = None, **more) -> requests.Response:
	headers = {} if given is None else {endpoint.HEADER: given}
	return requests.get(f"{web}/{METRICS}", headers=headers, timeout=PATIENCE, **more)


def test_figures_with_the_token_and_none_without(web, token):
	number = make.phone()
	answer = ask(web, token)
	assert answer.status_code == 200, answer.text
	assert answer.headers["Content-Type"] == openmetrics.CONTENT_TYPE
	assert answer.headers["Cache-Control"] == "no-store"
	assert answer.text.endswith("# EOF\n")
	for name in examine.INSIDE:
		assert f'school_dialer_check_state{{check="{name}"}} ' in answer.text
	assert "school_dialer_workers_short 0\n" in answer.text
	assert "+1" not in answer.text and number not in answer.text
	for wrong in (None, "", token[:-1], token + "x", token.swapcase()):
		refused = ask(web, wrong)
		assert refused.status_code == 403 and not refused.content
	assert ask(web, params={"token": token}).status_code == 403, "It is not taken from the address."


@pytest.mark.parametrize(
	"given", ["x" * 7000, b"\xff\xfe\xfa", "é".encode(), "a\tb", "' or 1=1 --", "{}", "*" * 43]
)
def test_a_hostile_token_is_refused_without_an_error(web, token, given):
	before = errors.about("metrics")
	assert ask(web, given).status_code in (403, 429)
	frappe.db.rollback()
	assert errors.about("metrics") == before


def test_wrong_tokens_are_counted_and_the_monitor_gets_in_all_the_same(web, token):
	codes = []

	def refused() -> bool:
		"""A minute may end in between, and the count begins again."""
		codes.append(ask(web, "wrong" * 8).status_code)
		return codes[-1] == 429

	eventually("The limit of a minute", refused)
	assert len(codes) > endpoint.WRONG_A_MINUTE and set(codes) == {403, 429}
	assert ask(web, token).status_code == 200


def test_wrong_tokens_are_counted_whatever_address_their_sender_names(web, token):
	def refused(place: int) -> bool:
		named = {endpoint.HEADER: "wrong" * 8, "X-Forwarded-For": f"203.0.113.{place}"}
		return requests.get(f"{web}/{METRICS}", headers=named, timeout=PATIENCE).status_code == 429

	# A minute may end in between, and the count begins again.
	assert any(map(refused, range(3 * endpoint.WRONG_A_MINUTE)))


def test_the_checks_are_made_once_for_many_questions(token, monkeypatch):
	made = []
	monkeypatch.setattr(examine, "examine", lambda checks: made.append(1) or [])
	assert endpoint.figures() == endpoint.figures() and made == [1]


def test_without_a_token_there_is_nothing(web):
	forget()
	assert ask(web, "x" * 30).status_code == 404
	assert ask(web).status_code == 404
	assert requests.post(f"{web}/{METRICS}", timeout=PATIENCE).status_code in (400, 403, 404, 405)


@pytest.mark.parametrize("short", ["short", "x" * 201, "é" * 30, "with space " * 4, "x" * 30 + "\n"])
def test_a_token_that_can_be_guessed_or_sent_wrong_is_not_taken(school, short):
	doc = frappe.get_doc(SETTINGS)
	doc.metrics_token = short
	with pytest.raises(frappe.ValidationError, match="token for monitors"):
		doc.save()


def test_the_token_is_kept_encrypted(token):
	kept = frappe.db.sql(
		"select value from tabSingles where doctype = %s and field = 'metrics_token'", SETTINGS
	)
	assert kept and set(kept[0][0]) == {"*"}
	doc = frappe.get_doc(SETTINGS)
	doc.save()
	assert doc.get_password("metrics_token") == token


def test_the_page_asks_as_a_manager_and_no_one_else(school, as_role):
	as_role("Dialer Agent", "Dialer Compliance Officer")
	with pytest.raises(frappe.PermissionError):
		health.look()
	as_role("Dialer Manager")
	found = health.look()
	assert [one["name"] for one in found["checks"]] == NAMES
