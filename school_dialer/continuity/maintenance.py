"""Maintenance: while the site's pages do not answer, nothing leaves it.

In maintenance mode Frappe answers no request, so a family that picks up hears the carrier's apology, and
their STOP reaches no one. The mode is in the configuration files, which a worker reads once, when its job
begins: so they are read here again whenever they change.

A scheduler that is paused or disabled is no maintenance: the site answers, so a family hears the words and
their STOP counts. It may be paused for days, and an emergency that a person approves then has to go out.
"""

import json
import os

import frappe
from frappe import _
from frappe.utils import cint

from school_dialer.base import clock, site_values
from school_dialer.base.refusal import throw
from school_dialer.continuity.safe_mode import SafeMode

KEY = "maintenance_mode"
NOTED = "dialer_maintenance_since"
"""The global default with the time (aware) at which something that was due first stood still."""
UNHEARD = "dialer_maintenance_unheard"
"""The global default that says that the carrier was not asked yet what people said meanwhile."""
_read: dict[str, tuple[tuple, bool]] = {}
"""By site: what the files were like when they were read, and what was found."""


class Maintenance(SafeMode):
	"""The site is in maintenance, so nothing leaves it."""


def is_on() -> bool:
	"""Return whether nothing may leave the site now.

	A file that is being written keeps what was found before. It costs two questions to the system.
	"""
	paths, at_first = files(), bool(cint(frappe.conf.get(KEY)))
	stamp, (before, is_set) = tuple(map(_stamp, paths)), _read.get(frappe.local.site, ((), at_first))
	if stamp == before:
		return is_set
	values: dict = {}
	try:
		for path in paths:
			values.update(_values(path))
	except (OSError, ValueError):
		return is_set
	is_set = bool(cint(values.get(KEY)))
	_read[frappe.local.site] = (stamp, is_set)
	return is_set


def files() -> tuple[str, str]:
	"""Return the paths of the bench's and the site's configuration. The second one counts."""
	name = "common_site_config.json"
	return os.path.join(frappe.local.sites_path, name), frappe.get_site_path("site_config.json")


def _stamp(path: str) -> tuple[int, ...]:
	try:
		status = os.stat(path)
	except OSError:
		return ()
	return status.st_mtime_ns, status.st_ino, status.st_size


def _values(path: str) -> dict:
	if not os.path.exists(path):
		return {}
	with open(path, encoding="utf-8") as source:
		values = json.load(source)
	return values if isinstance(values, dict) else {}


def sentence() -> str:
	"""Return what stands still, and until when."""
	return _(
		"Maintenance ({0} in the site's configuration): nothing is called or texted until it ends, "
		"emergencies included."
	).format(KEY)


def refuse() -> None:
	"""Raise `Maintenance` if nothing may leave the site now."""
	if is_on():
		throw(sentence(), Maintenance)


def hold_back() -> bool:
	"""Note since when what is due has to wait, and return whether it has to. Commits.

	What waited is said to staff, and what the site did not hear is read, when it has ended.
	"""
	if not is_on():
		return False
	frappe.db.rollback()
	if not since():
		site_values.write(NOTED, clock.now().isoformat())
		site_values.write(UNHEARD, "1")
	frappe.db.commit()
	return True


def since() -> str:
	"""Return since when something stood still, as an ISO date, or "" if nothing did."""
	return site_values.read(NOTED) or ""


def forget() -> None:
	"""Forget that something stood still. The caller commits."""
	site_values.forget(NOTED)


def is_unheard() -> bool:
	"""Return whether the carrier was not asked yet what people said while something stood still."""
	return bool(site_values.read(UNHEARD))


def heard() -> None:
	"""Note that the carrier was asked. The caller commits."""
	site_values.forget(UNHEARD)
