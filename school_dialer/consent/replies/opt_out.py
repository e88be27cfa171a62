"""Decide whether a message ends consent. English and Spanish first.

	python -m school_dialer.consent.replies.opt_out < messages.txt

This reads one message per line and writes one JSON object per line. Pure Python, no Frappe. It never raises,
whatever the bytes. The standard is 47 CFR 64.1200(a)(10): the words it names, and any wording that a
reasonable person would understand as a request to stop contact. In doubt the result is an opt-out, with
`review` for a person to check.
"""

import json
import sys

from school_dialer.consent.recogniser.phrasebook import edits
from school_dialer.consent.recogniser.reading import (
	HELP,
	NONE,
	OPT_OUT,
	START,
	WRONG_NUMBER,
	Recognised,
	recognise,
)

__all__ = ["HELP", "NONE", "OPT_OUT", "START", "WRONG_NUMBER", "Recognised", "edits", "recognise"]


def main() -> int:
	"""Read one message per line and write one JSON object per line."""
	for line in sys.stdin.buffer:
		result = recognise(line.rstrip(b"\r\n")).as_dict()
		sys.stdout.write(json.dumps(result, ensure_ascii=True) + "\n")
	sys.stdout.flush()
	return 0


if __name__ == "__main__":
	sys.exit(main())
