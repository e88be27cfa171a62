"""`bench --site SITE dialer proof-export` and `proof-key`: evidence for outsiders, and who signs it."""

from pathlib import Path

import click
import frappe

from school_dialer.base.without_permission import note_access
from school_dialer.privacy import pseudonym
from school_dialer.proof_log import checkpoints, export, keys, rotation
from school_dialer.terminal.command_line import (
	DONE,
	NO,
	Usage,
	as_json,
	command,
	example,
	print_refusal,
	show,
)
from school_dialer.terminal.dialer import campaign_named
from school_dialer.terminal.people import subject_of


@click.command(
	"proof-export",
	epilog=example("proof-export --phone - < number.txt", "proof-export --campaign 'Spring concert'"),
)
@click.option("--phone", help="A telephone number; with - it is read from standard input.")
@click.option("--campaign", help="The name or title of a campaign.")
@click.option("--to", type=click.Path(path_type=Path, file_okay=False, exists=True), help="A folder.")
@as_json
@command
def proof_export(phone: str | None, campaign: str | None, to: Path | None, as_json: bool) -> int:
	"""Write the evidence about a number or a campaign to a zip file that anyone can check offline.

	Exits 1 when no checkpoint covers any of it yet.
	"""
	if bool(phone) == bool(campaign):
		raise Usage("Name a number with --phone, or a campaign with --campaign.")
	evidence = _of_number(phone) if phone else export.of_campaign(campaign_named(campaign))
	folder = str(to or _folder())
	try:
		path, count = export.write_file(folder, evidence)
	except export.NothingSigned:
		return print_refusal("No checkpoint covers any of this yet. One is signed every hour.", NO)
	note_access("Dialer Proof Checkpoint", None, f"Export of proof about {evidence.about}"[:140])
	show({"file": path, "leaves": count}, [f"Entries of the log: {count}. Written to {path}"], as_json)
	return DONE


def _folder() -> Path:
	"""Return the folder of exports in the site's private folder. Frappe never serves or deletes them."""
	folder = Path(frappe.get_site_path("private", "proof-exports")).resolve()
	folder.mkdir(mode=0o700, parents=True, exist_ok=True)
	return folder


def _of_number(phone: str) -> export.Evidence:
	(number,) = subject_of(phone, None, None).phones
	return export.of_number(number, pseudonym.forms([number]))


@click.command("proof-key", epilog=example("proof-key", "proof-key --new", "proof-key --next NAME+HASH+KEY"))
@click.option("--next", "announced", metavar="KEY", help="Announce this key, signed by the present one.")
@click.option("--new", is_flag=True, help="Make a new key file, announced by the present key.")
@click.option("--lost", is_flag=True, help="With --new: the present key is lost. Checks will say so.")
@as_json
@command
def proof_key(announced: str | None, new: bool, lost: bool, as_json: bool) -> int:
	"""Show the public keys of the proof log, or change the key that signs it.

	Exits 1 when nothing was signed yet, or the present key cannot sign.
	"""
	if (bool(announced) and new) or (lost and not new):
		raise Usage("Use --next KEY, or --new, or --new --lost.")
	try:
		if announced:
			rotation.announce(announced)
		elif new:
			rotation.renew(lost)
	except keys.NoKey as error:
		return print_refusal(error, NO)
	newest = checkpoints.newest()
	if not newest:
		return print_refusal("Nothing was signed yet. The first checkpoint is made within the hour.", NO)
	signed = checkpoints.public_keys()
	lines = [
		*(f"Key: {key}" for key in signed),
		*([f"Next: {newest.checkpoint.announced}"] if newest.checkpoint.announced else []),
		f"Checkpoint {newest.seq}, {newest.checkpoint.time}, {newest.size} entries:",
		newest.note.rstrip(),
	]
	show({"keys": signed, "checkpoint": newest.note, "next": newest.checkpoint.announced}, lines, as_json)
	return DONE
