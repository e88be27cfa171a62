"""Change the key that signs checkpoints: a checkpoint signed by the old key announces the new one.

Who checks the log follows that announcement. A key that is lost cannot announce another: the next one then
stays unannounced, which each check says.
"""

import frappe
from frappe import _

from school_dialer.base.jobs import alone
from school_dialer.base.refusal import throw
from school_dialer.continuity import safe_mode
from school_dialer.proof_log import checkpoints, hourly, keys, note, store


def announce(public_key: str) -> checkpoints.Stored:
	"""Sign a checkpoint that announces this vkey, with the present key. Commits.

	Afterward the site's configuration may name the new key. Raises ValidationError for a key that is none of
	this log's, and `keys.NoKey`.
	"""
	newest = checkpoints.newest()
	if not newest:
		throw(_("Nothing was signed yet, so any key may be the first. Put it into the site's configuration."))
	try:
		name, _raw = note.public_key_of(public_key)
	except note.BadNote:
		name = ""
	if name != (origin := (store.current() or store.lock_head()).origin):
		throw(_("This is no public key of this log. It begins with {0}+").format(origin))
	return _sign_announcement(public_key)


def _sign_announcement(public_key: str) -> checkpoints.Stored:
	with alone(hourly.TURN) as mine:
		if not mine:
			throw(_("The proof log is being signed. Please try again."))
		if safe_mode.current():
			throw(_("Nothing is signed while the site stands in Safe mode."))
		if checkpoints.newest().checkpoint.origin != (store.current() or store.lock_head()).origin:
			# The first one under another name announces the present key.
			checkpoints.make()
		stored = checkpoints.make(announced=public_key)
		# While no one else signs: the next checkpoint goes on from this one.
		frappe.db.commit()
	return stored


def renew(lost: bool = False) -> str:
	"""Make a new key file in place of the present one, and return its vkey. Commits.

	`lost`: the old key is gone, so that the new one is not announced. Raises ValidationError where a command
	signs, and `keys.NoKey` if the old key cannot sign.
	"""
	newest = checkpoints.newest()
	if frappe.conf.get(keys.COMMAND_KEY):
		throw(_("A command signs on this site. Make the new key where it runs, and announce it."))
	if not newest:
		throw(_("Nothing was signed yet, so any key may be the first. Put it into the site's configuration."))
	key = keys.new_key()
	public_key = note.vkey((store.current() or store.lock_head()).origin, keys.raw(key))
	if not lost:
		# With the old key, so before it is replaced.
		_sign_announcement(public_key)
	keys.replace(keys.path(), key)
	return public_key
