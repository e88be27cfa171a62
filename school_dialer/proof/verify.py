"""Check an export, one thing after the other, and say what is wrong.

An export is sound if each checkpoint is signed and continues the one before it, the latest log begins with
the log of each earlier checkpoint, and each line is in the latest log, at its place. Only after a restore
may a log go on under another name, and an entry of the log has to declare that.
"""

import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from school_dialer.proof import leaves, merkle, timestamps
from school_dialer.proof.archive import Archive, Member, Unreadable
from school_dialer.proof.findings import Report, printable
from school_dialer.proof.note import Checkpoint, Key, base64_of
from school_dialer.proof.strict import Malformed, hashes, is_whole, read_json

FORMAT = "school_dialer proof 1"
MANIFEST, CHECKPOINT, EARLIER = "manifest.json", "checkpoint", "checkpoints.jsonl"
FIELDS = {"format", "origin", "made_utc", "about", "time_zone", "leaves", "keys"}
MOST_KEYS = 16
MEBIBYTE = 1024 * 1024
FIXED = {MANIFEST: MEBIBYTE, CHECKPOINT: 64 * 1024, leaves.MEMBER: 512 * MEBIBYTE, EARLIER: 256 * MEBIBYTE}
"""The members that each export has, and how many bytes each may have at most."""
ATTACHMENT, LARGEST_ATTACHMENT = re.compile(r"attachments/([0-9a-f]{64})"), 64 * MEBIBYTE
AGAIN = re.compile(r"/after-restore-[0-9]{8}T[0-9]{6}Z\Z")
"""How the name of a log ends that was begun again after a restore."""
STAMP = re.compile(r"timestamps/([1-9][0-9]{0,14})\.tsr")


@dataclass(frozen=True)
class Trust:
	"""What the reader has besides the file: the key that the school published, and an authority's file."""

	key: Key | None = None
	authority: Path | None = None


def verify(path: Path, trust: Trust = Trust()) -> Report:
	"""Return what is wrong with the export at `path`. Raises `NoEd25519`."""
	report = Report()
	try:
		with Archive(path) as archive:
			_Check(archive, trust, report).run()
	except Unreadable as error:
		report.wrong("unreadable")
		report.notes.append(str(error))
	return report


class _Check:
	"""One check of one open file."""

	def __init__(self, archive: Archive, trust: Trust, report: Report):
		self.archive, self.trust, self.report = archive, trust, report
		self.members: dict[str, Member] = {}
		self.keys: dict[int, Key] = {}
		self.manifest: dict[str, Any] = {}
		self.checkpoints: list[tuple[str, Checkpoint]] = []
		"""Where each stands, and the checkpoint."""

	def run(self) -> None:
		self._read_members()
		self._read_manifest()
		top = self._top()
		earlier = self._earlier(top)
		self._check_announced([*earlier, *([top] if top else [])], top)
		checked = leaves.check(self._lines(leaves.MEMBER), top, self.report)
		if self.manifest and checked.count != self.manifest["leaves"]:
			self.report.wrong("count", MANIFEST)
		self._check_names(checked.breaks)
		self._check_attachments(checked.attachments)
		self._check_stamps([*earlier, *([top] if top else [])])
		self.report.notes[:0] = list(self._notes(top, len(earlier), checked))

	def _read_members(self) -> None:
		for member in self.archive.members:
			most = FIXED.get(member.name)
			if ATTACHMENT.fullmatch(member.name):
				most = LARGEST_ATTACHMENT
			elif STAMP.fullmatch(member.name):
				most = timestamps.LONGEST
			if most is None:
				self.report.wrong("unknown-member", member.name)
			elif member.name in self.members:
				self.report.wrong("duplicate-member", member.name)
			elif member.size > most:
				self.report.wrong("member-size", member.name)
			else:
				self.members[member.name] = member
				if not self.archive.is_whole(member):
					self.report.wrong("crc", member.name)
		present = {member.name for member in self.archive.members}
		for name in FIXED:
			if name not in present:
				self.report.wrong("missing-member", name)

	def _read_manifest(self) -> None:
		if MANIFEST not in self.members:
			return
		try:
			manifest = read_json(self.archive.read(self.members[MANIFEST]))
			if not _is_manifest(manifest):
				raise Malformed
		except Malformed:
			self.report.wrong("manifest", MANIFEST)
			return
		self.manifest = manifest
		for number, text in enumerate(manifest["keys"], 1):
			try:
				self.keys[number] = Key.of(text)
			except Malformed:
				self.report.wrong("key", f"{MANIFEST} key {number}")

	def _top(self) -> Checkpoint | None:
		"""Return the checkpoint that all proofs lead to, if it can be read."""
		if CHECKPOINT not in self.members:
			return None
		try:
			text = self.archive.read(self.members[CHECKPOINT]).decode("utf-8")
			top = Checkpoint.of(text)
		except ValueError:
			self.report.wrong("checkpoint", CHECKPOINT)
			return None
		self._check_signed(top, CHECKPOINT)
		return top

	def _check_signed(self, checkpoint: Checkpoint, where: str) -> None:
		self.checkpoints.append((where, checkpoint))
		if not checkpoint.note.is_signed_by(*self.keys.values()):
			self.report.wrong("signature", where)

	def _check_names(self, breaks: list[leaves.Break]) -> None:
		"""Check that each checkpoint has the log's name of its time, and that each new name is declared."""
		if not self.manifest:
			return
		now = self.manifest["origin"]
		names = [*(declared.before for declared in breaks), now]
		renamed = [
			declared.origin == name and AGAIN.search(name)
			for declared, name in zip(breaks, names[1:], strict=True)
		]
		if AGAIN.search(names[0]) or not all(renamed):
			self.report.wrong("restart", MANIFEST)
		for where, checkpoint in self.checkpoints:
			later = [declared.before for declared in breaks if checkpoint.size <= declared.index]
			if checkpoint.origin != (later[0] if later else now):
				self.report.wrong("origin", where)
			state = (checkpoint.seq, checkpoint.size, checkpoint.root)
			if any(
				declared.before == checkpoint.origin
				and checkpoint.seq >= declared.seq
				and state != (declared.seq, declared.size, declared.root)
				for declared in breaks
			):
				self.report.wrong("restart", where)
		self.report.breaks += [_break_in_words(declared) for declared in breaks]

	def _earlier(self, top: Checkpoint | None) -> list[Checkpoint]:
		"""Check the earlier checkpoints, and that each continues the one before it up to the latest."""
		read, before = [], None
		for number, line in enumerate(self._lines(EARLIER), 1):
			where = f"{EARLIER} line {number}"
			try:
				checkpoint, proof = _earlier_line(line)
			except Malformed:
				self.report.wrong("checkpoint", where)
				before = None
				continue
			self._check_signed(checkpoint, where)
			self._check_order(before, checkpoint, where)
			if top and not merkle.extends(checkpoint.root, checkpoint.size, top.root, top.size, proof):
				self.report.wrong("consistency", where)
			read.append(checkpoint)
			before = checkpoint
		if top:
			self._check_order(before, top, CHECKPOINT)
		return read

	def _check_order(self, before: Checkpoint | None, checkpoint: Checkpoint, where: str) -> None:
		if checkpoint.seq == 1 and checkpoint.previous != merkle.EMPTY:
			self.report.wrong("previous", where)
		if before is None:
			return
		if checkpoint.seq <= before.seq:
			self.report.wrong("seq", where)
		elif checkpoint.seq == before.seq + 1 and checkpoint.previous != before.note.digest:
			self.report.wrong("previous", where)
		if checkpoint.time < before.time:
			self.report.wrong("time", where)
		if checkpoint.size < before.size:
			self.report.wrong("size", where)

	def _check_announced(self, checkpoints: list[Checkpoint], top: Checkpoint | None) -> None:
		"""Check that one key leads to the next, and the key that was given to the latest checkpoint."""
		if self.keys:
			reached = _announced_keys(next(iter(self.keys.values())), checkpoints)
			for number, key in self.keys.items():
				if key not in reached:
					self.report.wrong("unannounced-key", f"{MANIFEST} key {number}")
		if (
			self.trust.key
			and top
			and not top.note.is_signed_by(*_announced_keys(self.trust.key, checkpoints))
		):
			self.report.wrong("given-key", CHECKPOINT)

	def _lines(self, name: str) -> Iterator[bytes | None]:
		return self.archive.lines(self.members[name]) if name in self.members else iter(())

	def _check_attachments(self, named: set[str]) -> None:
		inside = set()
		for name, member in self.members.items():
			if not (match := ATTACHMENT.fullmatch(name)):
				continue
			inside.add(match[1])
			digest = sha256()
			for piece in self.archive.pieces(member):
				digest.update(piece)
			if digest.hexdigest() != match[1] or match[1] not in named:
				self.report.wrong("attachment", name)
		if missing := len(named - inside):
			self.report.notes.append(f"Not checked: {missing} attachments are not in this file.")

	def _check_stamps(self, checkpoints: list[Checkpoint]) -> None:
		digests = {checkpoint.seq: checkpoint.note.digest for checkpoint in checkpoints}
		stamps = [(match, self.members[name]) for name in self.members if (match := STAMP.fullmatch(name))]
		right = {}
		for match, member in stamps:
			content, digest = self.archive.read(member), digests.get(int(match[1]))
			try:
				stamp = timestamps.read(content)
			except Malformed:
				stamp = None
			if stamp and stamp.digest == digest:
				right[member.name] = (content, digest, stamp.time)
			else:
				self.report.wrong("timestamp", member.name)
		if right:
			times = sorted(time for _content, _digest, time in right.values())
			note = f"{len(right)} time stamps, from {printable(times[0])} to {printable(times[-1])}."
			self.report.notes.append(note)
			self._check_authority(right)

	def _check_authority(self, right: dict[str, tuple[bytes, bytes, str]]) -> None:
		"""Check who signed time stamps, or note why that is not checked."""
		program = timestamps.openssl()
		started, why = time.monotonic(), ""
		for name, (content, digest, _time) in right.items():
			if not self.trust.authority:
				why = "no file --tsa-ca was given"
			elif not program:
				why = "openssl is not installed"
			elif time.monotonic() - started > timestamps.SECONDS_IN_ALL:
				why = f"there was no time left at {name}"
			elif not timestamps.is_signed(program, content, digest, self.trust.authority):
				self.report.wrong("timestamp-signature", name)
			if why:
				self.report.notes.append(f"Not checked: who signed the time stamps, because {why}.")
				return

	def _notes(self, top: Checkpoint | None, earlier: int, checked: leaves.Leaves) -> Iterator[str]:
		if self.manifest:
			yield f"The file says that it is about {printable(self.manifest['about'])}."
		kinds = ", ".join(f"{checked.kinds[kind]} {kind}" for kind in leaves.KINDS)
		yield f"{checked.count} lines: {kinds}, {len(checked.erased)} erased."
		if (unexplained := len(checked.erased) - checked.kinds["erasure"]) > 0:
			yield f"Ask the school why: {unexplained} lines have no content, and no record of an erasure."
		if top:
			origin = printable(top.origin)
			yield f"The latest of {earlier + 1} checkpoints is number {top.seq} of {origin}, of {top.time}."
			yield f"It covers {top.size} records."
			yield f"Its root is {base64_of(top.root)}."
		if self.trust.key:
			yield "It was checked with the key that you gave."
		else:
			yield "It is signed by a key inside the file. Compare that with the one the school published:"
			yield from (printable(key, 400) for key in self.manifest.get("keys", ()))


def _break_in_words(declared: leaves.Break) -> str:
	"""Say what a declared break leaves out."""
	lost = f" The school knows that number {declared.lost} was signed." if declared.lost else ""
	return (
		f"The log was begun again after a restore on {printable(declared.at)}. "
		f"It goes on from checkpoint {declared.seq} of {printable(declared.before)}, "
		f"of {declared.size} records. "
		f"Later checkpoints under that name are not part of it.{lost}"
	)


def _announced_keys(first: Key, checkpoints: list[Checkpoint]) -> list[Key]:
	"""Return a key and those that it announced, one through the other."""
	reached = [first]
	for checkpoint in checkpoints:
		if checkpoint.announced and checkpoint.note.is_signed_by(*reached):
			with suppress(Malformed):
				reached.append(Key.of(checkpoint.announced))
	return reached[:MOST_KEYS]


def _is_manifest(value: Any) -> bool:
	if not isinstance(value, dict) or set(value) != FIELDS or value["format"] != FORMAT:
		return False
	texts = [value[name] for name in ("origin", "made_utc", "about", "time_zone")]
	keys = value["keys"]
	return (
		all(isinstance(text, str) for text in texts)
		and is_whole(value["leaves"])
		and isinstance(keys, list)
		and 0 < len(keys) <= MOST_KEYS
		and all(isinstance(text, str) for text in keys)
	)


def _earlier_line(line: bytes | None) -> tuple[Checkpoint, list[bytes]]:
	value = read_json(line) if line else None
	if not isinstance(value, dict) or set(value) != {"checkpoint", "proof"}:
		raise Malformed
	if not isinstance(value["checkpoint"], str):
		raise Malformed
	return Checkpoint.of(value["checkpoint"]), hashes(value["proof"])
