"""The Desk for a person: a URL, the logins, and a server until Ctrl+C."""

import json
import time

from dev.site import services
from dev.site.layout import ADMIN_PASSWORD, OWN, Bench

# Code that creates users on the site writes their logins here: [{"user", "password", "role"}, ...].
LOGINS = OWN / "logins.json"


def serve(bench: Bench) -> None:
	process = services.start_web(name="desk")
	print(f"\nThe Desk of {bench.site}:  {process.details['url']}/app\n")
	for login in logins(bench):
		print(f"  {login['user']:<32} {login['password']:<20} {login.get('role', '')}")
	print(f"\nLog: {process.log}\nCtrl+C ends it.", flush=True)
	if process.borrowed:
		return
	try:
		while process.running:
			time.sleep(0.5)
	finally:
		process.stop()


def note_logins(people: list[dict]) -> None:
	"""Keep these log-ins, each with `user`, `password` and `role`, for the next time the Desk is served."""
	LOGINS.parent.mkdir(parents=True, exist_ok=True)
	LOGINS.write_text(json.dumps(people, indent=1))


def logins(bench: Bench) -> list[dict]:
	if not bench.owned:
		return []
	people = json.loads(LOGINS.read_text()) if LOGINS.exists() else []
	return [{"user": "Administrator", "password": ADMIN_PASSWORD, "role": "everything"}, *people]
