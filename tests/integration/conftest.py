"""One connection to a real site, named by SITES_PATH and SITE. What a test writes is rolled back."""

import inspect
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache, lru_cache
from pathlib import Path
from types import SimpleNamespace

import click
import frappe
import pytest
import sqlparse
from click.testing import CliRunner
from frappe.cache_manager import doctype_map_keys, doctypes_for_mapping, user_cache_keys
from frappe.model import document
from frappe.utils import bench_helper

from dev.patience import PATIENCE
from dev.school import foundation
from dev.school.load import CannotLoad, has_people, load, require_site, site_day
from dev.school.model import SchoolYear
from dev.site.layout import current
from school_dialer.consent.choices import rate_limits
from tests.integration import statements

DOCTYPES = "doctype_meta"
"""The cache in which Frappe 15 keeps DocTypes, also in this process. Frappe 16 keeps them elsewhere."""
LAST = "test_z"
"""How the names of files begin that run last, in the order of their names."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
	"""Let those that fill the site, and last that which takes the app from it, run after all others.

	Folders come later in the alphabet than these files.
	"""
	items.sort(key=lambda item: item.path.name if item.path.name.startswith(LAST) else "")


@pytest.fixture(scope="session")
def sites_path() -> Path:
	return Path(os.environ["SITES_PATH"]).resolve()


@pytest.fixture(scope="session")
def site() -> str:
	return os.environ["SITE"]


@pytest.fixture(scope="session", autouse=True)
def site_connection(site: str, sites_path: Path) -> Iterator[None]:
	"""Connect as Administrator, in the folder that Frappe's relative paths start from.

	Frappe 15 reads the flag of a test, Frappe 16 its own variable.
	"""
	came_from = Path.cwd()
	os.chdir(sites_path)
	frappe.init(site, sites_path=str(sites_path))
	frappe.connect()
	# On a site whose Redis runs on from earlier, hooks that the code has gained since count too.
	frappe.cache.delete_value("app_hooks")
	frappe.flags.in_test = frappe.in_test = True
	lay_school(site)
	with pytest.MonkeyPatch.context() as patch:
		keep_caches_when_a_user_is_saved(patch)
		stamp_at_no_whole_second(patch)
		clean_each_field_once(patch)
		yield
	frappe.db.rollback()
	frappe.destroy()
	os.chdir(came_from)


def keep_caches_when_a_user_is_saved(patch: pytest.MonkeyPatch) -> None:
	"""Leave out what Frappe does about passwords of e-mail accounts, which no test's user has.

	On each save of a user, Frappe sets a default of the whole site there, and so drops every cached DocType.
	Loading them again takes longer than the rest of most tests.
	"""
	patch.setattr("frappe.core.doctype.user.user.ask_pass_update", lambda: None)


def stamp_at_no_whole_second(patch: pytest.MonkeyPatch) -> None:
	"""Stamp no saved document at a whole second.

	Frappe compares the stamp as text. It writes 12:00:00.000000 and reads 12:00:00 from the database, so it
	refuses the next save of that document: one in a million, and a run of all tests saves often enough.
	"""
	of_frappe = document.now
	patch.setattr(document, "now", lambda: of_frappe().replace(".000000", ".000001"))


def clean_each_field_once(patch: pytest.MonkeyPatch) -> None:
	"""Keep what Frappe finds when it parses the name of a field for comments, on each read of a value.

	It finds the same each time, and takes a seventh of what all tests on a site take.
	"""
	patch.setattr("sqlparse.format", lru_cache(maxsize=None)(sqlparse.format))


def lay_school(site: str) -> None:
	"""Load the demo school if the site has no people yet, and commit.

	The demo school must come first, since it cannot be loaded among the students that tests leave behind. On
	a site with people it only adds what Education needs before it takes attendance. If the site lacks
	something that the demo school needs, the test run exits with a message that names it.
	"""
	try:
		require_site()
		if has_people():
			foundation.complete(SchoolYear.of(site_day()))
		else:
			load()
		foundation.one_school()
	except CannotLoad as lack:
		frappe.db.rollback()
		pytest.exit(f"The tests cannot run on {site}. {lack}", returncode=pytest.ExitCode.USAGE_ERROR)
	frappe.db.commit()


@pytest.fixture(autouse=True)
def clean_transaction(site_connection: None) -> Iterator[None]:
	"""Begin each test as Administrator, and leave no row, cached document, message or language behind.

	A rollback does not undo code that commits by design, such as jobs and webhooks. A test of such code
	deletes its own rows.
	"""
	frappe.set_user("Administrator")
	language = frappe.local.lang
	yield
	frappe.local.lang = language
	frappe.db.rollback()
	frappe.set_user("Administrator")
	frappe.clear_messages()
	forget_cached()
	# What a job that ran in this process began (`hooks.before_job`).
	if hasattr(frappe.local, "dialer_hidden"):
		del frappe.local.dialer_hidden


def forget_cached() -> None:
	"""Drop the cached documents and the cached data of users, and keep the DocTypes.

	Loading those again, as after `frappe.clear_cache`, takes longer than most tests. A test that changes a
	DocType clears that cache itself.
	"""
	stays = (DOCTYPES, *maps_without_a_rule())
	for key in (*user_cache_keys, *doctype_map_keys, "system_settings"):
		if key not in stays:
			frappe.cache().delete_value(key)
	frappe.cache().delete_keys("document_cache")
	frappe.local.cache = {
		key: held for key, held in frappe.local.cache.items() if any(name in str(key) for name in stays)
	}
	frappe.local.role_permissions = {}
	if hasattr(frappe.local, "request_cache"):
		frappe.local.request_cache.clear()
	if hasattr(frappe.local, "system_settings"):
		del frappe.local.system_settings


def maps_without_a_rule() -> list[str]:
	"""Return the caches that say rightly of each DocType that no rule is for it.

	Frappe asks for naming, assignment, and milestone rules on each insert and save, and keeps the answers.
	"""
	exists = " or ".join(f"exists(select 1 from `tab{doctype}`)" for doctype in sorted(doctypes_for_mapping))
	if frappe.db.sql(f"select {exists}", pluck=True)[0]:
		return []
	held = {key: list(frappe.cache().hgetall(key).values()) for key in doctype_map_keys}
	return [key for key, values in held.items() if values and not any(values)]


@pytest.fixture
def as_role() -> Iterator[Callable[..., str]]:
	"""Yield a function that makes a user with only these roles, and becomes that user."""

	def become(*roles: str) -> str:
		user = frappe.get_doc(
			{
				"doctype": "User",
				"email": f"{frappe.generate_hash(length=10)}@school.example",
				"first_name": "Test",
				"send_welcome_email": 0,
				"roles": [{"role": role} for role in roles],
			}
		).insert(ignore_permissions=True)
		frappe.set_user(user.name)
		return user.name

	yield become
	frappe.set_user("Administrator")


@pytest.fixture
def bench_process() -> Callable[..., subprocess.CompletedProcess]:
	"""`bench --site SITE dialer ...` in a process of its own, exactly as an administrator types it."""

	def run(*arguments: str, typed: str = "", site: str | None = None) -> subprocess.CompletedProcess:
		here = current()
		done = subprocess.run(
			here.frappe("--site", site or here.site, "dialer", *arguments),
			cwd=here.sites,
			env=here.variables(),
			input=typed,
			capture_output=True,
			text=True,
			timeout=PATIENCE,
		)
		assert "Traceback" not in done.stderr + done.stdout, done.stderr
		frappe.db.rollback()
		return done

	return run


@pytest.fixture
def same_window() -> Iterator[None]:
	"""Let no minute, hour or day of the rate limits end in this process while a test lasts."""
	at = time.time()
	with pytest.MonkeyPatch.context() as patch:
		patch.setattr(rate_limits, "time", SimpleNamespace(time=lambda: at))
		yield


@pytest.fixture
def bench() -> Callable[..., subprocess.CompletedProcess]:
	"""The same command line in a thread, with its own connection: bench("status", typed="what is on standard
	input").

	A process for each command would spend most of its time importing Frappe. One test of each kind uses
	`bench_process`.
	"""

	def run(*arguments: str, typed: str = "", site: str | None = None) -> subprocess.CompletedProcess:
		command = ["frappe", "--site", site or current().site, "dialer", *arguments]
		with ThreadPoolExecutor(1) as thread:
			done = thread.submit(separate_runner().invoke, commands(), command, input=typed).result(
				timeout=PATIENCE
			)
		if done.exception and not isinstance(done.exception, SystemExit):
			raise done.exception
		frappe.db.rollback()
		return subprocess.CompletedProcess(command, done.exit_code, done.stdout, done.stderr)

	return run


@cache
def commands() -> click.Group:
	"""Return all commands of the bench. Frappe can make them once only in a process."""
	return click.Group(commands=bench_helper.get_app_groups())


def separate_runner() -> CliRunner:
	"""Standard output and standard error apart, which Click 8.2 always does."""
	apart = "mix_stderr" in inspect.signature(CliRunner).parameters
	return CliRunner(mix_stderr=False) if apart else CliRunner()


@pytest.fixture
def queries() -> Callable[..., int]:
	"""Return a function that counts the SQL statements that some work sends to the database."""
	return statements.count
