"""Where a bench keeps its things, and which bench is meant."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OWN = Path(os.environ.get("DIALER_BENCH") or ROOT / ".bench").resolve()
"""The project's own bench, or the copy in which this process works (see `lanes.py`)."""
SITE = "school.localhost"
ADMIN_PASSWORD = "admin"


@dataclass(frozen=True)
class Bench:
	"""A bench folder and one of its sites.

	`owned` is True for the bench that this project builds in `.bench/`. Of any other bench only the
	interpreter and the site are used; its owner runs its database and its Redis. `clock` holds the variables
	that set the clock of processes on this bench (`dev/runner/today.py`).
	"""

	path: Path
	site: str
	owned: bool
	clock: tuple[tuple[str, str], ...] = ()

	@property
	def env(self) -> Path:
		return self.path / "env"

	@property
	def python(self) -> Path:
		return self.env / "bin" / "python"

	@property
	def apps(self) -> Path:
		return self.path / "apps"

	@property
	def sites(self) -> Path:
		return self.path / "sites"

	@property
	def site_config(self) -> Path:
		return self.sites / self.site / "site_config.json"

	def config(self) -> dict:
		"""Return the site's settings: its own on top of those common to the bench."""
		merged: dict = {}
		for file in (self.sites / "common_site_config.json", self.site_config):
			if file.exists():
				merged.update(json.loads(file.read_text()))
		return merged

	def variables(self) -> dict[str, str]:
		"""Return the environment in which a command sees this bench."""
		path = [str(self.env / "bin"), str(OWN / "bin"), os.environ.get("PATH", "")]
		return {
			**os.environ,
			"PATH": os.pathsep.join(path),
			"VIRTUAL_ENV": str(self.env),
			"PYTHONPATH": str(ROOT),
			"BENCH": str(self.path),
			"DIALER_BENCH": str(self.path if self.owned else OWN),
			"SITES_PATH": str(self.sites),
			"SITE": self.site,
			# Each part of the tests starts half a dozen processes, which would compile Frappe each time.
			"PYTHONDONTWRITEBYTECODE": "",
			**dict(self.clock),
		}

	def frappe(self, *arguments: str) -> list[str]:
		"""Return the command line that the `bench` tool would run, to be started in `sites/`."""
		return [str(self.python), "-m", "frappe.utils.bench_helper", "frappe", *arguments]


def current() -> Bench:
	"""Return the bench named by the variables BENCH and SITE, else the project's own."""
	path = Path(os.environ.get("BENCH") or OWN).expanduser().resolve()
	return Bench(path, os.environ.get("SITE") or SITE, owned=path == OWN)
