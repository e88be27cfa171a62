"""A run of look-ups: what it asks, writes, costs and stops, through the real client."""

from datetime import timedelta

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.consent import ledger
from school_dialer.lines import record
from school_dialer.lookups import runs
from school_dialer.lookups.runs import DONE, ENDED, STOPPED
from tests.integration import factories as make
from tests.integration.with_carrier.lookups import provider_of_an_app

pytestmark = pytest.mark.dates

FIELDS = [
	"phone",
	"reassigned",
	"line_type",
	"verified_on",
	"provider",
	"provider_id",
	"error",
	"cost",
	"run",
]


def rows(numbers: list[str]) -> dict[str, frappe._dict]:
	frappe.db.rollback()
	found = frappe.get_all(record.DOCTYPE, {"phone": ("in", numbers)}, FIELDS, order_by="asked_at, name")
	return {row.phone: row for row in found}


def asked_of(carrier, numbers: list[str], since: int = 0) -> list[str]:
	return [one["to"] for one in carrier.log("lookup", since=since) if one["to"] in numbers]


def test_each_number_is_asked_by_the_date_of_its_consent(carrier, numbers, look_up):
	changed, same, fixed = numbers
	day = clock.db_now().date()
	carrier.control(
		"lines",
		{
			changed: {"changed_hands": str(day - timedelta(days=50))},
			same: {"changed_hands": str(day - timedelta(days=300))},
			fixed: {"line_type": "landline"},
		},
	)
	run = look_up()
	found = rows(numbers)
	assert [found[one].reassigned for one in numbers] == ["Yes", "No", "No"]
	assert [found[one].line_type for one in numbers] == ["mobile", "mobile", "landline"]
	for row in found.values():
		assert row.verified_on == day - timedelta(days=200)
		assert row.provider == "twilio" and row.provider_id.startswith("RQ") and row.run == run.name
		assert row.cost == pytest.approx(0.028)
	assert (run.state, run.done, run.total) == (DONE, 3, 3)
	assert (run.reassigned, run.same, run.without_texts, run.errors) == (1, 2, 1, 0)
	assert run.cost == pytest.approx(0.084) == run.estimated_cost


def test_an_answer_holds_and_a_later_confirmation_asks_again(carrier, numbers, look_up, settings):
	look_up()
	began = carrier.log_path.stat().st_size
	assert look_up().done == 0 and not asked_of(carrier, numbers, began)
	make_verified(numbers[0])
	assert look_up().done == 1 and asked_of(carrier, numbers, began) == [numbers[0]]


def make_verified(number: str) -> None:
	ledger.verify(number, evidence=make.evidence("Text"))
	frappe.db.commit()


def test_no_data_is_asked_again_when_it_is_old(carrier, numbers, look_up, settings):
	carrier.control("lines", {one: {"says": "no_data_available"} for one in numbers})
	assert look_up().no_data == 3
	assert look_up().done == 0
	settings(lookup_fresh_days=1)
	frappe.db.sql("delete from `tabDialer Number Lookup` where phone = %s", numbers[0])
	frappe.db.commit()
	assert look_up().done == 1


@pytest.mark.parametrize(
	"line", [{"without": ["reassigned_number"]}, {"malformed": "not json"}, {"refuse": 20404}]
)
def test_an_error_is_on_record_and_asked_again(carrier, numbers, look_up, line):
	carrier.control("lines", {numbers[0]: line})
	run = look_up()
	assert (run.state, run.done, run.errors) == (DONE, 3, 1)
	row = rows(numbers)[numbers[0]]
	assert row.reassigned == "No answer" and row.error
	carrier.control("lines", {numbers[0]: None})
	assert look_up().done == 1 and rows(numbers)[numbers[0]].reassigned == "No"


def test_a_provider_that_is_overrun_ends_the_run_and_costs_nothing(carrier, numbers, look_up):
	carrier.control("lines", {numbers[1]: {"refuse": 20429}})
	run = look_up()
	assert (run.state, run.done, run.errors) == (ENDED, 2, 1) and "429" in run.message
	found = rows(numbers)
	assert found[numbers[1]].cost == 0 and numbers[2] not in found
	carrier.control("lines", {numbers[1]: None})
	runs.start(run.name, queue=False)
	frappe.db.commit()
	runs.run(run.name)
	run.reload()
	assert (run.state, run.done) == (DONE, 4) and rows(numbers)[numbers[1]].reassigned == "No"


def test_a_provider_without_answers_ends_the_run(carrier, settings, only_ours, look_up):
	many = sorted(make.phone() for _ in range(8))
	for number in many:
		make.consent(number)
	frappe.db.commit()
	only_ours(many)
	carrier.control("lines", {one: {"malformed": "empty"} for one in many})
	run = look_up()
	assert (run.state, run.done, run.errors) == (ENDED, runs.MOST_FAILURES, runs.MOST_FAILURES)
	frappe.db.delete(record.DOCTYPE, {"phone": ("in", many)})
	frappe.db.commit()


def test_the_limits_of_costs_hold(carrier, numbers, look_up, settings):
	spent = runs.config.budget().spent_today
	settings(lookup_most_per_day=float(spent) + 0.06)
	found = runs.estimate(0)
	assert (found["numbers"], found["numbers_now"]) == (3, 2)
	assert found["cost"] == pytest.approx(0.084) and found["cost_now"] == pytest.approx(0.056)
	run = look_up()
	assert (run.state, run.done) == (ENDED, 2) and len(asked_of(carrier, numbers)) == 2
	settings(lookup_most_per_day=1000, lookup_most_per_month=float(spent))
	assert runs.estimate(0)["numbers_now"] == 0


def test_an_estimate_asks_no_one(carrier, numbers, settings):
	began = carrier.log_path.stat().st_size
	assert runs.estimate(0)["numbers"] == 3
	assert runs.estimate(201)["numbers"] == 0 and runs.estimate(199)["numbers"] == 3
	assert not asked_of(carrier, numbers, began)


@pytest.mark.parametrize(
	"lacking",
	[
		{"lookup_reassigned_price": 0},
		{"lookup_most_per_day": 0},
		{"lookup_most_per_month": 0},
		{"lookup_line_type": 0, "lookup_reassigned": 0},
	],
)
def test_without_prices_and_limits_nothing_starts(numbers, settings, lacking):
	settings(**lacking)
	doc = frappe.get_doc({"doctype": runs.DOCTYPE}).insert()
	assert runs.estimate(0)["missing"]
	with pytest.raises(frappe.ValidationError):
		runs.start(doc.name, queue=False)
	frappe.db.rollback()


def test_a_run_is_stopped(carrier, numbers, look_up, monkeypatch):
	monkeypatch.setattr(runs, "CHUNK", 1)
	write = runs.record.write

	def stop_after_the_first(found, run):
		names = write(found, run)
		runs.stop(run)
		return names

	monkeypatch.setattr(runs.record, "write", stop_after_the_first)
	run = look_up()
	assert (run.state, run.done) == (STOPPED, 1) and run.message
	monkeypatch.setattr(runs.record, "write", write)
	runs.start(run.name, queue=False)
	frappe.db.commit()
	runs.run(run.name)
	run.reload()
	assert (run.state, run.done) == (DONE, 3)


def test_only_one_runs_at_a_time(carrier, numbers, look_up, monkeypatch):
	monkeypatch.setattr(runs, "alone", lambda name: nothing())
	assert look_up().state == "Running" and not rows(numbers)


class nothing:
	def __enter__(self) -> bool:
		return False

	def __exit__(self, *_error) -> None:
		pass


def test_another_apps_provider_is_asked(carrier, numbers, look_up, monkeypatch):
	install_provider(monkeypatch)
	began = carrier.log_path.stat().st_size
	run = look_up()
	assert (run.state, run.no_data, run.errors) == (DONE, 1, 1)
	found = rows(numbers)
	assert {row.provider for row in found.values()} == {"tests"} and not asked_of(carrier, numbers, began)
	assert {row.provider_id for row in found.values()} == {"own-1", None}


def install_provider(monkeypatch) -> None:
	"""Let Frappe find this hook, and its function, as of an installed app."""
	path = "tests.integration.with_carrier.lookups.provider_of_an_app.look_up"
	hooks, attribute = frappe.get_hooks, frappe.get_attr
	monkeypatch.setattr(
		frappe,
		"get_hooks",
		lambda hook=None, *more, **named: (
			[path] if hook == "dialer_number_lookup" else hooks(hook, *more, **named)
		),
	)
	monkeypatch.setattr(
		frappe, "get_attr", lambda name: provider_of_an_app.look_up if name == path else attribute(name)
	)
