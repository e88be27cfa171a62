"""Old module paths, kept until the next major version: importing one warns and returns the module at its
new path.

Other apps' hooks, jobs queued before an upgrade and a web server's configuration name modules by dotted path.
The packages that replaced ``dialing`` in 1.0.0 are listed here with the modules that came from it, as
``old>new`` where the name also changed.
"""

import sys
import warnings
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import CodeType, ModuleType
from typing import Any

FROM_DIALING = {
	"": "gate scheduler states",
	"database": "beside>db_thread",
	"attempts": (
		"attempts>claims callbacks>callback_queue carrier_queue disclosures heard matching "
		"progress>status_updates reconcile>reconciler withdraw>revocation"
	),
	"calls": (
		"content>live_call dictation>phone_recording inbound live_check own_number pins playback received "
		"responses>survey_answers spoken_reasons>recording_retention test_call>own_number.sample_call"
	),
	"campaigns": (
		"approval call_order campaign>actions due estimate mass>scale_check news>notifications rehearsals "
		"retries student_records"
	),
	"campaigns.planning": "option>candidate_choice plan>planner planned>recipients",
	"dispatch": "answers>carrier_responses dispatch>dispatcher line>sending_line request>carrier_request",
	"followup": "fallback notices>confirmations",
	"gate": (
		"guard>doc_events inquiry policy>site_policies policy_review records>decision_json "
		"school>school_identity"
	),
	"pace": "breaker>circuit_breaker limits pacer resting>resting_numbers",
	"settings": (
		"checklist>checklist_item faults>carrier_faults go_live>live_checklist privacy_features "
		"reachability>webhook_probe registration school_numbers settings>carrier_settings"
	),
}
OTHERS = {
	"school_dialer.consent.anchor": "school_dialer.consent.integrity.daily_anchor",
	"school_dialer.consent.expiry": "school_dialer.consent.choices.expiry",
	"school_dialer.consent.opt_out": "school_dialer.consent.replies.opt_out",
	"school_dialer.consent.preference_link": "school_dialer.consent.choices.preference_link",
	"school_dialer.consent.sla": "school_dialer.consent.replies.overdue",
	"school_dialer.consent.triggers": "school_dialer.consent.integrity.triggers",
	"school_dialer.text_guard": "school_dialer.bounds.text_guard",
	"school_dialer.webhooks.door": "school_dialer.webhooks.callback_fast_path",
}
"""Hooks, and paths that the documentation gave to other apps and web servers."""
GATHERED = {
	"base": (
		"bounds clock counted database grade_order jobs phone refusal roles states stored_words "
		"without_permission wording written_by_code"
	),
	"campaigns": "teachers",
	"consent": "receipts",
	"inbound": "absences conversations",
	"messages": "translators",
	"outbound": "attempts dispatch pace",
	"schools": "school_calendar staff",
}
"""Rooms that were at the root, by the room that they are in now."""
PACKAGE = "school_dialer.dialing"
UNTIL = "The next major version removes the old"
"""No other may: CONTRIBUTING.md, *Releases*."""


def new_address(old: str) -> str | None:
	"""Return a module's current path, or None if the path was never one of this app's old paths."""
	if not old.startswith("school_dialer."):
		return None
	for before, now in _moved().items():
		if old == before or old.startswith(f"{before}."):
			new = now + old[len(before) :]
			return new_address(new) or new
	return None


@cache
def _moved() -> dict[str, str]:
	moved = dict(OTHERS)
	for room, names in GATHERED.items():
		moved |= {f"school_dialer.{name}": f"school_dialer.{room}.{name}" for name in names.split()}
	for room, names in FROM_DIALING.items():
		for name in names.split():
			old, _arrow, new = name.partition(">")
			moved[f"{PACKAGE}.{old}"] = ".".join(filter(None, ("school_dialer", room, new or old)))
	return moved


class _Forward(MetaPathFinder, Loader):
	"""Import finder for old paths.

	It runs first: otherwise a package at its new path would be searched under the old name, and its modules
	would be loaded twice.
	"""

	def find_spec(self, fullname: str, path=None, target=None) -> ModuleSpec | None:
		if fullname == PACKAGE:
			return ModuleSpec(fullname, self, is_package=True)
		return ModuleSpec(fullname, self) if new_address(fullname) else None

	def create_module(self, spec: ModuleSpec) -> None:
		return None

	def get_code(self, fullname: str) -> CodeType | None:
		"""Return the code of the module at its new path, for ``python -m``."""
		spec = find_spec(new_address(fullname) or "")
		return spec.loader.get_code(spec.name) if spec and spec.loader else None

	def exec_module(self, module: ModuleType) -> None:
		"""Replace this module in `sys.modules` with the module at the new path."""
		name = module.__name__
		if name == PACKAGE:
			return
		new = new_address(name)
		warnings.warn(f"{name} is now {new}. {UNTIL} address.", DeprecationWarning, 2)
		sys.modules[name] = import_module(new)


def renamed(module: str, names: dict[str, str]) -> Callable[[str], Any]:
	"""Return a ``__getattr__`` for a module, which answers these old names of its own with a warning."""

	def answer(name: str) -> Any:
		if name not in names:
			raise AttributeError(f"module {module!r} has no attribute {name!r}")
		warn_of(name, names[name])
		return getattr(sys.modules[module], names[name])

	return answer


def warn_of(old: str, new: str) -> None:
	"""Warn that a documented name changed in 1.0.0."""
	warnings.warn(f"{old} is now {new}. {UNTIL} name.", DeprecationWarning, 3)


def install() -> None:
	"""Forward old module paths in this process. Idempotent."""
	if not any(isinstance(finder, _Forward) for finder in sys.meta_path):
		sys.meta_path.insert(0, _Forward())
