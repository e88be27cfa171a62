"""The whole way from a bare machine to a site with the app; each step runs only when it is needed."""

import base64
import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from dev.site import apt, assets, config, database, frappe_source, python_env, services
from dev.site.layout import ADMIN_PASSWORD, OWN, ROOT, Bench, current
from dev.site.steps import StepFailed, digest, run, say, step

APP = "school_dialer"
STAND_INS = ROOT / "dev" / "apps"
# Education depends on ERPNext, so the order matters.
ORDER = ("erpnext", "education")


@contextmanager
def exclusive() -> Iterator[None]:
	"""Allow one builder at a time; a second one waits."""
	OWN.mkdir(exist_ok=True)
	with (OWN / "lock").open("w") as lock:
		fcntl.flock(lock, fcntl.LOCK_EX)
		yield


def make(bench: Bench, programs: tuple[apt.Program, ...] = apt.SITE_PROGRAMS) -> None:
	"""Build or complete the project's bench, or check another user's bench."""
	begin = time.monotonic()
	with exclusive():
		if bench.owned:
			_build(bench, programs, _site)
		else:
			_examine(bench)
	say(f"Site {bench.site} is ready", time.monotonic() - begin)


def make_pristine(
	bench: Bench, programs: tuple[apt.Program, ...], clock: Callable[[], dict[str, str]]
) -> Bench:
	"""Build or complete the site that tests start from, which no one uses, and return its stopped bench.

	It has everything but its site and its database in common with the project's bench. `clock` returns the
	variables that set the clock of the processes that make the site.
	"""
	begin = time.monotonic()
	pristine = replace(bench, path=bench.path / "pristine")

	def make_site(_bench: Bench, apps: list[str]) -> None:
		key = digest(*(file for app in apps for file in _schema(bench.apps / app / app)))
		step(
			"pristine",
			"Site that tests start from",
			key,
			lambda: _make_anew(bench, replace(pristine, clock=tuple(clock().items()))),
			ready=pristine.site_config.exists(),
		)

	with exclusive():
		_build(bench, programs, make_site)
	say("The tests' site is ready", time.monotonic() - begin)
	return pristine


def _make_anew(bench: Bench, pristine: Bench) -> None:
	def control(verb: str) -> None:
		command = [str(bench.python), "-m", "dev.site", verb]
		run("pristine", command, env=pristine.variables(), failure=f"the tests' site failed: {verb}")

	control("stop")
	shutil.rmtree(pristine.path, ignore_errors=True)
	(bench.sites / "assets").mkdir(exist_ok=True)
	for name in ("apps", "env", "bin", "sites/apps.txt", "sites/assets"):
		if (bench.path / name).exists():
			assets.link(pristine.path / name, bench.path / name)
	(pristine.path / "logs").mkdir()
	try:
		control("make-site")
	finally:
		control("stop")


def make_site(bench: Bench) -> None:
	"""Make the site of a bench that has everything else."""
	_site(bench, (bench.sites / "apps.txt").read_text().split()[1:])


def make_beside(name: str) -> Bench:
	"""Return another site of the project's own bench with the same apps.

	For work that must leave the first site alone. It is created when missing and migrated when the apps'
	files changed. Raises StepFailed on another user's bench.
	"""
	first = current()
	if not first.owned:
		raise StepFailed("a second site is made in the project's own bench only")
	bench = replace(first, site=name)
	apps = (bench.sites / "apps.txt").read_text().split()[1:]
	key = digest(*(file for app in apps for file in _schema(bench.apps / app / app)))
	with exclusive():
		services.up()
		step(
			f"beside-{name}",
			f"Site {name}",
			"1",
			lambda: _new_beside(bench, apps),
			ready=bench.site_config.exists(),
		)
		step(
			f"beside-{name}-migrate",
			f"Migration of {name}",
			key,
			lambda: _frappe(bench, "migrate", "--skip-search-index"),
		)
	return bench


def _new_beside(bench: Bench, apps: list[str]) -> None:
	_new_site(bench)
	_finish(bench, "wizard")
	for app in apps:
		_frappe(bench, "install-app", app, "--force")
	_finish(bench, "check", *apps)


def _frappe(bench: Bench, verb: str, *arguments: str) -> None:
	"""Run a Frappe command on the site.

	The shared cache is not emptied: the site is new to it, and other processes are using it.
	"""
	command = bench.frappe("--site", bench.site, verb, *arguments)
	failure = f"{verb} failed on {bench.site}"
	run(f"beside-{bench.site}", command, cwd=bench.sites, env=bench.variables(), failure=failure)


def _examine(bench: Bench) -> None:
	for path, what in ((bench.python, "its Python"), (bench.site_config, f"its site {bench.site}")):
		if not path.exists():
			raise StepFailed(f"{bench.path} is not a bench to work on: {what} is missing ({path})")
	_inside(bench, "examine", "-m", "dev.site.inside.examine", APP)


def _build(
	bench: Bench, programs: tuple[apt.Program, ...], make_site: Callable[[Bench, list[str]], None]
) -> None:
	# What may be refused comes first.
	environment = python_env.make(bench)
	apt.install(programs)
	_provide_mysql_command()
	frappe_source.make(bench, environment)
	apps = _collect_apps(bench)
	folders = [bench.apps / "frappe", *(source for source in apps.values())]
	with ThreadPoolExecutor(2) as lanes:
		desk = lanes.submit(assets.make, bench, ["frappe", *apps])
		server = lanes.submit(
			lambda: (python_env.install(bench, environment, folders), make_site(bench, list(apps)))
		)
		problems = [problem for lane in (server, desk) if (problem := lane.exception())]
	if problems:
		raise problems[0]
	if desk.result() and bench.site_config.exists():
		services.flush(services.up()["redis_cache"])


def _provide_mysql_command() -> None:
	"""Provide the `mysql` command, which Frappe uses to load its first tables and newer releases lack."""
	if not shutil.which("mysql"):
		assets.link(OWN / "bin" / "mysql", Path(apt.need(apt.MARIADB_CLIENT)))


def _collect_apps(bench: Bench) -> dict[str, Path]:
	"""Link the stand-in apps and the project into the bench, list them, and return their sources by name."""
	found = {file.parent.name: file.parent for file in STAND_INS.glob("*/pyproject.toml")}
	names = sorted(found, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))
	apps = {name: found[name] for name in names} | {APP: ROOT}
	for name, source in apps.items():
		assets.link(bench.apps / name, source)
	bench.sites.mkdir(parents=True, exist_ok=True)
	(bench.path / "logs").mkdir(exist_ok=True)
	config.replace(bench.sites / "apps.txt", "\n".join(["frappe", *apps]) + "\n")
	return apps


def _site(bench: Bench, apps: list[str]) -> None:
	fresh = database.make()
	services.up()
	created = step(
		"site",
		f"Site {bench.site} with Frappe",
		bench.site,
		lambda: _new_site(bench),
		ready=bench.site_config.exists() and not fresh,
	)
	step("wizard", "Setup wizard, scheduler off", "1", lambda: _finish(bench, "wizard"), ready=not created)
	for app in apps:
		step(f"install-{app}", f"App {app}", "1", lambda app=app: _install(bench, app), ready=not created)
	key = digest(*(file for app in apps for file in _schema(bench.apps / app / app)))
	if created:
		step("migrate", "DocTypes are complete", key, lambda: _finish(bench, "check", *apps), ready=False)
	else:
		step("migrate", "Migration to the changed DocTypes", key, lambda: _migrate(bench, apps))


def _new_site(bench: Bench) -> None:
	shutil.rmtree(bench.sites / bench.site, ignore_errors=True)
	command = bench.frappe(
		*("new-site", bench.site, "--force", "--no-mariadb-socket"),
		*("--db-root-username", "root", "--db-root-password", database.root_password()),
		*("--admin-password", ADMIN_PASSWORD),
	)
	run("site", command, cwd=bench.sites, env=bench.variables(), failure="the site could not be created")
	key = base64.urlsafe_b64encode(os.urandom(32)).decode()
	config.update(bench.site_config, {"encryption_key": key, "allow_tests": True, "mute_emails": 1})
	services.up()


def _install(bench: Bench, app: str) -> None:
	services.flush(services.up()["redis_cache"])
	command = bench.frappe("--site", bench.site, "install-app", app, "--force")
	run(
		f"install-{app}",
		command,
		cwd=bench.sites,
		env=bench.variables(),
		failure=f"the app {app} could not be installed on {bench.site}",
	)
	_inside(bench, f"install-{app}", "-m", "dev.site.inside.finish", "check", app)


def _migrate(bench: Bench, apps: list[str]) -> None:
	services.flush(services.up()["redis_cache"])
	command = bench.frappe("--site", bench.site, "migrate", "--skip-search-index")
	run(
		"migrate",
		command,
		cwd=bench.sites,
		env=bench.variables(),
		failure=f"{bench.site} could not be migrated",
	)
	_finish(bench, "check", *apps)


def _finish(bench: Bench, what: str, *apps: str) -> None:
	name = "wizard" if what == "wizard" else "migrate"
	_inside(bench, name, "-m", "dev.site.inside.finish", what, *apps)


def _inside(bench: Bench, name: str, *arguments: str) -> None:
	run(
		name,
		[str(bench.python), *arguments],
		cwd=bench.sites,
		env=bench.variables(),
		failure=f"{bench.site} is not in order",
	)


def _schema(package: Path) -> list[Path]:
	"""Return the files of an app that a migration reads."""
	kinds = ("**/*.json", "hooks.py", "patches.txt", "modules.txt", "setup/**/*.py", "patches/**/*.py")
	return sorted({file for kind in kinds for file in package.glob(kind) if "public" not in file.parts})
