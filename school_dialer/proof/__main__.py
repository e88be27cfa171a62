"""The command: `python -m school_dialer.proof verify export.zip [--key VKEY] [--tsa-ca FILE] [--json]`.

It exits with 0 if the export is sound, also with a declared break, 1 if something is wrong, and 2 if it
cannot be read or checked.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from school_dialer.proof.findings import SOUND, UNREADABLE, WITH_BREAK, WRONG, Report, printable
from school_dialer.proof.note import Key, NoEd25519
from school_dialer.proof.verify import Trust, verify

EXIT = {SOUND: 0, WITH_BREAK: 0, WRONG: 1, UNREADABLE: 2}
HEADS = {
	SOUND: "Sound: everything in this file is in the log as it was signed, and nothing was changed since.",
	WITH_BREAK: "Sound, with a declared break: everything in this file is in the log as it was signed, "
	"but the log was begun again after a restore, and what was signed just before that is missing.",
	WRONG: "Wrong: this file does not prove what it says.",
	UNREADABLE: "Unreadable: this file cannot be checked.",
}
NO_ED25519 = (
	"Signatures cannot be checked: the Python package cryptography is missing. "
	"Install it with: python -m pip install cryptography"
)


def main(arguments: Sequence[str] | None = None) -> int:
	given = _parser().parse_args(arguments)
	try:
		key = Key.of(given.key) if given.key else None
	except ValueError:
		return _refuse("The key given with --key is not one: it has the form name+hash+base64.")
	if given.tsa_ca and not given.tsa_ca.is_file():
		return _refuse("The file given with --tsa-ca does not exist.")
	try:
		report = verify(given.export, Trust(key, given.tsa_ca))
	except NoEd25519:
		return _refuse(NO_ED25519)
	print(_as_json(report) if given.json else "\n".join(_lines(report)))
	return EXIT[report.verdict]


def _parser() -> argparse.ArgumentParser:
	parser = argparse.ArgumentParser(
		prog="python -m school_dialer.proof",
		description="Check an exported proof, offline and without secrets.",
	)
	commands = parser.add_subparsers(dest="command", required=True)
	check = commands.add_parser("verify", help="check an export")
	check.add_argument("export", type=Path, help="the file export.zip")
	check.add_argument("--key", help="the public key that the school published: name+hash+base64")
	check.add_argument("--tsa-ca", type=Path, help="a file with the certificates of the time stamp authority")
	check.add_argument("--json", action="store_true", help="print the findings as JSON")
	return parser


def _refuse(why: str) -> int:
	print(why, file=sys.stderr)
	return EXIT[UNREADABLE]


def _lines(report: Report) -> list[str]:
	findings = [
		f"- {finding.code}: {printable(finding.where) or 'the file'}: {finding.text}"
		for finding in report.findings
	]
	return [HEADS[report.verdict], *findings, *report.breaks, *report.notes]


def _as_json(report: Report) -> str:
	findings = [
		{"code": finding.code, "where": finding.where, "text": finding.text} for finding in report.findings
	]
	values = {"verdict": report.verdict, "findings": findings, "breaks": report.breaks, "notes": report.notes}
	return json.dumps(values, indent=1)


if __name__ == "__main__":
	sys.exit(main())
