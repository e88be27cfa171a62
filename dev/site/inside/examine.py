"""Check what another user's bench lacks for the demo and the tests.

Run as ``examine.py APP`` in sites/. The first missing thing is printed as one sentence and ends the process
with status 1.
"""

import importlib.util
import os
import re
import sys
from pathlib import Path

import frappe
import redis

from dev.site.inside.finish import check

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements.txt"
MODULES = {"axe-playwright-python": "axe_playwright_python", "import-linter": "importlinter"}
SERVERS = ("redis_cache", "redis_queue")


def main() -> None:
	missing = packages(REQUIREMENTS.read_text())
	if missing:
		sys.exit(
			f"The bench's Python lacks {', '.join(missing)}: "
			f"{sys.executable} -m pip install -r {REQUIREMENTS}"
		)
	frappe.init(os.environ["SITE"], sites_path=os.environ["SITES_PATH"])
	for name in SERVERS:
		require_redis(name)
	try:
		frappe.connect()
	except Exception as error:
		sys.exit(f"The database of {frappe.local.site} does not answer ({error}): start the bench's MariaDB.")
	try:
		check(sys.argv[1:])
	finally:
		frappe.destroy()


def packages(requirements: str) -> list[str]:
	"""Return the names among these requirements, one per line, that cannot be imported."""
	names = [re.split(r"[<>=~!\[; ]", line, maxsplit=1)[0] for line in requirements.splitlines()]
	names = [name for name in names if name and not name.startswith("#")]
	return [name for name in names if not importlib.util.find_spec(MODULES.get(name, name.replace("-", "_")))]


def require_redis(name: str) -> None:
	url = frappe.conf.get(name)
	try:
		redis.from_url(url).ping()
	except (redis.RedisError, ValueError, AttributeError):
		sys.exit(f"The bench's {name} does not answer at {url}: start the bench first.")


if __name__ == "__main__":
	main()
