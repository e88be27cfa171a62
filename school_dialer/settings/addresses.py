"""In Live mode, two people change where calls get their words from, and in whose name the school calls.

One person alone could lead all calls to another host, or call in another's name. So a change of these fields
waits, and the earlier values stay, until another person who may change the settings approves it. What is in
force is sealed with the site's key. The first Live mode takes one person; later ones take two for what was
changed in between. Where no other log-in may change the settings, one person does it all: a wrong address
would silence every call, and no one could ever mend it.
"""

import hmac
import json
from dataclasses import asdict, dataclass, field

import frappe
from frappe import _
from frappe.utils import get_fullname

from school_dialer.base import roles
from school_dialer.base.refusal import throw
from school_dialer.consent import keys
from school_dialer.schools import approvers, staff
from school_dialer.settings import webhook_probe

SETTINGS, LIVE = "Dialer Settings", "Live"
GUARDED = ("public_url", "fallback_url", "caller_identity")
SEAL, ASKED = "addresses_seal", "addresses_asked"
"""Fields of Dialer Settings: what is in force, and who changed it since or asks for what."""
MAY_CHANGE = (roles.OFFICER, roles.SYSTEM_MANAGER)
"""Roles that may write Dialer Settings."""


class Another(frappe.PermissionError):
	"""Another person has to do it."""


@dataclass(frozen=True, slots=True)
class Change:
	"""`values`: what waits in Live mode, by field. `by`: who asked for it, or changed it in Simulated."""

	values: dict[str, str] = field(default_factory=dict)
	by: dict[str, str] = field(default_factory=dict)

	@property
	def key(self) -> str:
		"""Return what stands for this change between the look at it and the approval."""
		return hmac.digest(keys.derive("settings change"), self.to_json().encode(), "sha256").hex()[:16]

	def to_json(self) -> str:
		return json.dumps(asdict(self), sort_keys=True)

	def is_of(self, user: str, fieldname: str) -> bool:
		return fieldname in self.by and approvers.is_one_person(self.by[fieldname], user)


def guard(doc) -> None:
	"""Hold back what changes in Live mode. Runs when Dialer Settings are saved, before the checklist."""
	before = doc.get_doc_before_save()
	differing = changed(doc, before)
	if differing and is_alone():
		doc.flags.second_person = True
	doc.set(SEAL, before.get(SEAL) if before else None)
	doc.set(ASKED, before.get(ASKED) if before and not doc.flags.second_person else None)
	asked = asked_in(doc)
	if doc.mode == LIVE and "public_url" in differing and not (doc.public_url or "").startswith("https://"):
		throw(_("Live mode needs a Public URL that starts with https://."))
	if doc.mode == LIVE and before and before.mode == LIVE:
		if differing and not doc.flags.second_person:
			put_off(doc, before, differing)
	else:
		asked = Change({}, {**asked.by, **dict.fromkeys(differing, frappe.session.user)})
		if doc.mode == LIVE:
			refuse_alone(doc, asked)
		doc.set(ASKED, asked.to_json() if doc.mode != LIVE and doc.get(SEAL) else None)
	comes_in_force = doc.flags.second_person or not doc.get(SEAL) or before.mode != LIVE
	if doc.mode == LIVE and comes_in_force:
		seal(doc)


def changed(doc, before) -> list[str]:
	return [name for name in GUARDED if before and (doc.get(name) or "") != (before.get(name) or "")]


def is_alone() -> bool:
	"""Return whether no one but this user may change the settings, by any log-in."""
	user = frappe.session.user
	return all(approvers.is_one_person(other, user) for other in staff.with_roles(*MAY_CHANGE))


def put_off(doc, before, differing: list[str]) -> None:
	"""Keep the earlier values, and note what is asked for instead."""
	asked, user = asked_in(doc), frappe.session.user
	values = {**asked.values, **{name: doc.get(name) or "" for name in differing}}
	by = {**asked.by, **dict.fromkeys(differing, user)}
	doc.set(ASKED, Change(values, by).to_json())
	for name in differing:
		doc.set(name, before.get(name))
	doc.flags.addresses_put_off = True
	frappe.msgprint(
		_("{0}: in Live mode another person has to approve this. Until then it stays as it was.").format(
			labels(differing)
		),
		title=_("Waits for a second person"),
		indicator="orange",
	)


def refuse_alone(doc, asked: Change) -> None:
	"""Raise `Another` if this user changed since the last Live mode what would be in force now."""
	was = sealed(doc)
	theirs = [
		name
		for name in (GUARDED if was else ())
		if (doc.get(name) or "") != was.get(name) and asked.is_of(frappe.session.user, name)
	]
	if theirs and not is_alone():
		throw(
			_(
				"{0}: you changed this since the site was Live. Another person who may change these settings "
				"chooses Live mode, or put it back as it was."
			).format(labels(theirs)),
			Another,
			title=_("Waits for a second person"),
		)


def approve(seen: str) -> None:
	"""Put what is asked for in force, as another person than who asked. `seen` is the change's key.

	Raise `Another` for the person who asked, and `webhook_probe.NotReached` if a new public URL does not
	lead to this site. The probe commits.
	"""
	asked = waiting(frappe.get_doc(SETTINGS), seen)
	if any(asked.is_of(frappe.session.user, name) for name in asked.values):
		throw(_("You asked for this yourself. Another person has to approve it."), Another)
	if "public_url" in asked.values:
		webhook_probe.check_webhooks(asked.values["public_url"])
	# Locked, and compared again: someone may have asked for another address during the probe.
	doc = frappe.get_doc(SETTINGS, SETTINGS, for_update=True)
	waiting(doc, seen)
	doc.update(asked.values)
	doc.flags.second_person = True
	doc.save()


def reject(seen: str) -> None:
	"""Drop what is asked for. The person who asked for it may do that too."""
	# Locked: what another person approves at this moment is not rejected.
	doc = frappe.get_doc(SETTINGS, SETTINGS, for_update=True)
	waiting(doc, seen)
	doc.db_set(ASKED, None)


def waiting(doc, seen: str) -> Change:
	"""Return what waits for a second person. Raise ValidationError unless it is what this user saw."""
	asked = asked_in(doc)
	if not asked.values or not hmac.compare_digest(asked.key.encode(), str(seen or "").encode()):
		throw(_("This was decided or changed meanwhile. Look at it as it is now."))
	return asked


def shown() -> dict | None:
	"""Return what waits, for the form: its key, each change in words, and whether this user asked for it."""
	doc = frappe.get_doc(SETTINGS)
	asked = asked_in(doc)
	if doc.mode != LIVE or not asked.values:
		return None
	return {
		"key": asked.key,
		"own": any(asked.is_of(frappe.session.user, name) for name in asked.values),
		"changes": [
			{
				"label": labels([name]),
				"now": doc.get(name) or "",
				"then": then,
				"by": get_fullname(asked.by[name]),
			}
			for name, then in asked.values.items()
		],
	}


def notify(doc) -> None:
	"""Notify those who may approve what was put off by this save. Runs when Dialer Settings were saved."""
	if not doc.flags.addresses_put_off:
		return
	subject = _("Dialer Settings: a change of where calls get their words from waits for a second person.")
	users = staff.with_roles(*MAY_CHANGE) - {frappe.session.user}
	staff.alarm_users(users, subject, SETTINGS, SETTINGS)
	staff.mail(users, subject, message=f"<p>{subject}</p>")


def is_changed_elsewhere(doc) -> bool:
	"""Return whether the values in force are not the sealed ones. Without a seal, they are."""
	was = sealed(doc)
	return doc.mode == LIVE and was is not None and any((doc.get(one) or "") != was[one] for one in GUARDED)


def seal(doc) -> None:
	"""Note that these values are in force."""
	values = {name: doc.get(name) or "" for name in GUARDED}
	doc.set(SEAL, json.dumps({"values": values, "mac": mac(values)}))


def sealed(doc) -> dict[str, str] | None:
	"""Return the values that were last in force in Live mode, or None if this site's key sealed none."""
	try:
		body = json.loads(doc.get(SEAL) or "")
		values, claimed = body["values"], str(body["mac"])
	except (ValueError, KeyError, TypeError):
		return None
	return values if hmac.compare_digest(claimed.encode(), mac(values).encode()) else None


def mac(values: dict) -> str:
	text = json.dumps(values, sort_keys=True)
	return hmac.digest(keys.derive("settings addresses"), text.encode(), "sha256").hex()


def asked_in(doc) -> Change:
	try:
		return Change(**json.loads(doc.get(ASKED) or ""))
	except (ValueError, TypeError):
		return Change()


def labels(fieldnames: list[str]) -> str:
	meta = frappe.get_meta(SETTINGS)
	return ", ".join(_(meta.get_label(name)) for name in fieldnames)
