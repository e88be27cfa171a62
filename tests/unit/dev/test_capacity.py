"""The capacity model: arithmetic that can be done by hand, and what must hold for any costs."""

from dataclasses import replace

import pytest

from benchmarks import capacity
from benchmarks.capacity import Assumptions, Cost, Costs, Scenario

ONE = Cost(
	cpu=0.001,
	database_cpu=0.0005,
	statements=2,
	commits=0.1,
	log_bytes=1_000,
	disk_bytes=2_000,
	redis_commands=3,
	redis_bytes=500,
	redis_cpu=0.0001,
)
COSTS = Costs(recipient=ONE, call=ONE, report=ONE, plan_seconds=0.0002)
GIVEN = Assumptions(
	families=1_000,
	numbers_per_family=2,
	answered=0.5,
	max_attempts=2,
	reports_when_answered=2,
	reports_otherwise=1,
	seconds_answered=40,
	seconds_otherwise=20,
	campaigns_a_year=10,
	years_kept=4,
	core_use=0.5,
	database_core_use=0.5,
	planning_share=0.1,
)
HOUR = Scenario("An hour", 3600, may_be_called=1)


@pytest.mark.parametrize(
	("answered", "attempts", "calls"), [(1, 5, 1), (0.5, 1, 1), (0.5, 3, 1.75), (0, 4, 4)]
)
def test_calls_to_one_recipient(answered, attempts, calls):
	assert capacity.calls_for_each(answered, attempts) == calls


def test_work_of_a_campaign():
	todo = capacity.work(replace(HOUR, may_be_called=0.8), GIVEN)
	assert (todo.recipients, todo.calls, todo.reports) == pytest.approx((2_000, 2_400, 3_600))


def test_load_by_hand():
	found = capacity.load(COSTS, HOUR, GIVEN)
	calls, reports = 3_000 / 3240, 4_500 / 3240
	assert found.calls_per_second == pytest.approx(calls)
	assert found.reports_per_second == pytest.approx(reports)
	assert found.calls_at_once == pytest.approx(calls * 30)
	assert found.worker_cores == pytest.approx(calls * 0.001 / 0.5)
	assert found.web_cores == pytest.approx(reports * 0.001 / 0.5)
	assert found.database_cores == pytest.approx((calls + reports) * 0.0005 / 0.5)
	assert found.statements_per_second == pytest.approx((calls + reports) * 2)
	assert found.one_planner_seconds == pytest.approx(0.4)
	assert found.disk_gb == pytest.approx((2_000 + 3_000 + 4_500) * 2_000 / 1e9)


def test_half_the_time_takes_twice_as_much():
	slow, fast = (capacity.load(COSTS, replace(HOUR, seconds=seconds), GIVEN) for seconds in (3600, 1800))
	for name in ("calls_per_second", "worker_cores", "database_cores", "log_mb_per_second", "calls_at_once"):
		assert getattr(fast, name) == pytest.approx(2 * getattr(slow, name))
	assert fast.disk_gb == slow.disk_gb


def test_the_bottleneck_is_what_is_shortest():
	found = capacity.load(COSTS, HOUR, GIVEN)
	units = capacity.needed(found, HOUR, replace(GIVEN, database_commits=0.001))
	assert capacity.bottleneck(units) == "MariaDB: commits"
	units = capacity.needed(found, HOUR, replace(GIVEN, account_calls_per_second=0.0001))
	assert capacity.bottleneck(units) == "carrier accounts"


def test_sites_are_for_what_a_site_has_and_accounts_are_extra():
	assert capacity.sites({"carrier accounts": 90, "MariaDB: commits": 2.1, "Redis: bytes": 0.4}) == 3
	assert capacity.sites({"carrier accounts": 90, "MariaDB: commits": 0.1}) == 1


def test_so_many_sites_carry_their_share():
	given = replace(GIVEN, families=5_000_000)
	units = capacity.needed(capacity.load(COSTS, HOUR, given), HOUR, given)
	share = replace(given, families=given.families // capacity.sites(units))
	of_one = capacity.needed(capacity.load(COSTS, HOUR, share), HOUR, share)
	assert capacity.sites(units) > 1
	assert capacity.sites(of_one) == 1


def test_what_a_year_adds():
	todo = capacity.work(capacity.CAMPAIGN, GIVEN)
	bytes_of_a_day = (todo.recipients + todo.calls + todo.reports) * 2_000
	assert capacity.kept_gb(COSTS, GIVEN) == pytest.approx(10 * bytes_of_a_day / 1e9)


def bill(count: int) -> dict[str, float]:
	one = {name: getattr(ONE, name) * count for name in ONE.__dataclass_fields__}
	return {**one, "count": count, "seconds": count * 0.0002}


def test_checks_are_right_where_each_costs_the_same():
	checks = capacity.checks_of_planning(bill(9_806), bill(98_068))
	assert {check["error"] for check in checks} == {0}


def test_checks_notice_what_grows_faster():
	small, large = bill(400), bill(1_200)
	large["statements"] *= 1.25
	checks = capacity.checks_of_dialing(
		{"call": small, "report": small}, {"call": large, "report": bill(2_000)}
	)
	errors = {check["what"].rpartition(": ")[2]: check["error"] for check in checks}
	assert errors["statements"] == pytest.approx(600 / 7_000, abs=0.001)
	assert errors["CPU seconds of the dispatcher"] == 0


def test_cpu_of_other_measures_is_used_once_it_is_there():
	costs = {kind: vars(ONE) for kind in ("recipient", "call", "report")}
	assert capacity.with_cpu(costs, {}) == costs
	elsewhere = {"dispatch": {"paced": {"dispatch_ms": 2.5}}, "callbacks": {"mix": {"web_ms": 4}}}
	found = capacity.with_cpu(costs, elsewhere)
	assert [found[kind]["cpu"] for kind in costs] == [ONE.cpu, 0.0025, 0.004]
	assert found["call"]["statements"] == ONE.statements


def test_tables_of_results():
	costs = {kind: vars(ONE) for kind in ("recipient", "call", "report")}
	checks = capacity.checks_of_planning(bill(9_806), bill(98_068))
	found = {"costs": {**costs, "plan_seconds": 0.0002}, "checks": checks}
	for title, heads, rows in capacity.parts(found):
		assert rows and all(len(row) == len(heads) for row in rows), title
