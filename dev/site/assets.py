"""The Desk's scripts and styles: npm packages, bundles, and the folder that is served as /assets."""

import json
import shutil
from pathlib import Path

from dev.site import apt
from dev.site.layout import Bench
from dev.site.steps import digest, run, step

FRONTEND = Path(__file__).parent / "frontend"
BUILDER = FRONTEND / "build.js"


def make(bench: Bench, apps: list[str]) -> bool:
	"""Install the npm packages and bundle every app whose public files changed. Returns whether any did."""
	frappe = bench.apps / "frappe"
	packages = digest(*sorted(FRONTEND.glob("package*.json")))
	modules = frappe / "node_modules"
	step("npm", "npm packages of the Desk", packages, lambda: _npm(frappe), ready=modules.is_dir())
	built = False
	for app in apps:
		public = bench.apps / app / app / "public"
		public.mkdir(exist_ok=True)
		link(bench.sites / "assets" / app, public)
		if app == "frappe":
			link(public / "node_modules", modules)
			key = digest(packages, BUILDER, bench.apps / "frappe" / "pyproject.toml")
		else:
			key = digest(packages, BUILDER, public)
		built |= step(
			f"assets-{app}",
			f"Desk assets of {app}",
			key,
			lambda app=app: _bundle(bench, app),
			ready=_complete(bench, app),
		)
	return built


def _complete(bench: Bench, app: str) -> bool:
	"""Return whether every bundle that the site lists for this app exists."""
	listed = bench.sites / "assets" / "assets.json"
	if not listed.exists():
		return False
	urls = [url for url in json.loads(listed.read_text()).values() if url.startswith(f"/assets/{app}/")]
	return all((bench.sites / url.lstrip("/")).exists() for url in urls)


def _npm(frappe: Path) -> None:
	for file in FRONTEND.glob("package*.json"):
		shutil.copy(file, frappe / file.name)
	verb = "ci" if (FRONTEND / "package-lock.json").exists() else "install"
	command = [apt.need(apt.NPM), verb, "--legacy-peer-deps", "--ignore-scripts", "--no-audit", "--no-fund"]
	run("npm", command, cwd=frappe, failure="npm could not install the packages that build the Desk")


def _bundle(bench: Bench, app: str) -> None:
	shutil.rmtree(bench.apps / app / app / "public" / "dist", ignore_errors=True)
	command = [apt.node(), BUILDER, bench.path, app]
	run(
		f"assets-{app}",
		command,
		cwd=bench.apps / "frappe",
		failure=f"the Desk assets of {app} failed to build",
	)


def link(name: Path, target: Path) -> None:
	"""Make `name` a symbolic link to `target`, replacing an older link."""
	name.parent.mkdir(parents=True, exist_ok=True)
	if name.is_symlink():
		if name.resolve() == target.resolve():
			return
		name.unlink()
	name.symlink_to(target)
