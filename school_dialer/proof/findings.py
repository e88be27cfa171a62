"""What a check finds: codes that stay the same, places in the file, and sentences for people."""

from dataclasses import dataclass, field

MOST_FINDINGS = 1_000
"""Findings that are kept. A file with more is as wrong as one with these."""
SOUND, WITH_BREAK, WRONG, UNREADABLE = "sound", "sound-with-break", "wrong", "unreadable"
SENTENCES = {
	"unreadable": "This is no export, or it is damaged beyond reading.",
	"unknown-member": "This member does not belong in an export.",
	"duplicate-member": "The file has this member more than once.",
	"missing-member": "The file lacks this member.",
	"member-size": "This member is larger than an export's may be.",
	"crc": "This member was damaged after the file was written.",
	"manifest": "The manifest does not have the form of the format.",
	"key": "This key does not match its own hash.",
	"unannounced-key": "No checkpoint that an earlier key signed announces this key.",
	"checkpoint": "This is not a checkpoint in the form of the format.",
	"origin": "This checkpoint belongs to another log than the manifest says.",
	"restart": "The log was begun again after a restore, and this file does not declare that as it has to.",
	"signature": "This checkpoint has no valid signature by a key of the manifest.",
	"given-key": "It is signed neither by the key that you gave nor by one that this key announced.",
	"seq": "Its number is not after that of the checkpoint before it.",
	"previous": "It does not name the checkpoint before it.",
	"time": "It is dated before the checkpoint that precedes it.",
	"size": "Its log is smaller than that of the checkpoint before it.",
	"consistency": "The latest log does not begin with the log of this checkpoint.",
	"line": "This line does not have the form of the format.",
	"index": "Its place in the log is not after that of the line before it, or beyond the end of the log.",
	"inclusion": "The log does not hold this content at this place.",
	"leaf": "The content of this line does not have the form of the format.",
	"duplicate-id": "This record is in the file more than once.",
	"chain": "It does not continue the events of its number: one before it is missing or was exchanged.",
	"count": "The file has another number of lines than its manifest says.",
	"attachment": "No record of this file has an attachment with this content.",
	"timestamp": "This time stamp is not of a checkpoint in this file.",
	"timestamp-signature": "The time stamp is not signed by the authority that you gave.",
}


@dataclass(frozen=True, order=True)
class Finding:
	"""Something that is wrong: a code of `SENTENCES`, and the member or the line it is about."""

	code: str
	where: str

	@property
	def text(self) -> str:
		return SENTENCES[self.code]


@dataclass
class Report:
	"""The result of a check. `notes` say what was counted, and what was not checked.

	`breaks` say when the log was begun again after a restore, as its owner declared.
	"""

	findings: list[Finding] = field(default_factory=list)
	notes: list[str] = field(default_factory=list)
	breaks: list[str] = field(default_factory=list)

	def wrong(self, code: str, where: str = "") -> None:
		"""Keep a finding. Beyond `MOST_FINDINGS` nothing more is kept."""
		if len(self.findings) < MOST_FINDINGS:
			self.findings.append(Finding(code, where))

	@property
	def verdict(self) -> str:
		if any(finding.code == "unreadable" for finding in self.findings):
			return UNREADABLE
		if self.findings:
			return WRONG
		return WITH_BREAK if self.breaks else SOUND


def printable(text: str, most: int = 200) -> str:
	"""Return text from the file so that a terminal shows it and obeys nothing in it, cut at `most`."""
	shown = "".join(
		character if character.isprintable() else ascii(character)[1:-1] for character in text[:most]
	)
	return shown + "..." if len(text) > most else shown
