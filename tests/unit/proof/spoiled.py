"""Exports that are spoiled in one way each, with what a verifier has to find: code and place.

The Python verifier and the page in a browser are held against the same list.
"""

import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.unit.proof import writer
from tests.unit.proof.writer import Log, as_json, packed, sample

Members = dict[str, bytes]
LEAVES, EARLIER, MANIFEST, TOP = "leaves.jsonl", "checkpoints.jsonl", "manifest.json", "checkpoint"
OTHER = Ed25519PrivateKey.from_private_bytes(b"x" * 32)


@dataclass(frozen=True)
class Case:
	"""A spoiled export. `key` is what a reader gives with --key, or "" for nothing."""

	name: str
	content: bytes
	found: tuple[tuple[str, str], ...]
	key: str = ""


def sound() -> Iterator[Case]:
	"""Yield sound exports."""
	log = sample()
	yield Case("sound", packed(log.export()), ())
	yield Case("sound by its last key", packed(log.export()), (), log.used[-1])
	yield Case("sound by its first key", packed(log.export()), (), log.used[0])
	yield Case("a part of the log", packed(log.export([0, 1, 3])), ())
	empty = Log()
	empty.checkpoint()
	yield Case("an empty log", packed(empty.export()), ())
	large = Log()
	for number in range(67):
		large.leaf("decision", f"d{number}", number=writer.PHONE)
		if number % 9 == 0:
			large.checkpoint()
	large.checkpoint()
	yield Case("a larger log", packed(large.export()), ())


def spoiled() -> Iterator[Case]:
	"""Yield every spoiled export."""
	for name, spoil, found in (*OF_MEMBERS, *OF_LINES, *OF_CHECKPOINTS):
		members = sample().export()
		spoil(members)
		yield Case(name, packed(members), tuple(found))
	yield from _other_logs()
	yield from _other_files()


def changed(name: str, line: int | None = None, **values) -> Callable[[Members], None]:
	"""Return a change of values in a JSON member, or in one line (from 1) of a member."""

	def change(members: Members) -> None:
		lines = members[name].splitlines(keepends=True) if line else [members[name]]
		place = (line or 1) - 1
		old = json.loads(lines[place])
		new = {key: value for key, value in (old | values).items() if value is not ...}
		lines[place] = as_json(new) + (b"\n" if line else b"")
		members[name] = b"".join(lines)

	return change


def in_line(name: str, line: int, old: str, new: str) -> Callable[[Members], None]:
	def change(members: Members) -> None:
		lines = members[name].splitlines(keepends=True)
		assert old.encode() in lines[line - 1]
		lines[line - 1] = lines[line - 1].replace(old.encode(), new.encode("utf-8", "surrogatepass"), 1)
		members[name] = b"".join(lines)

	return change


def without(name: str) -> Callable[[Members], None]:
	return lambda members: members.pop(name) and None


def as_member(name: str, content: bytes) -> Callable[[Members], None]:
	return lambda members: members.update({name: content})


def order(name: str, *lines: int) -> Callable[[Members], None]:
	"""Return a change that leaves these lines (from 1) in this order."""

	def change(members: Members) -> None:
		old = members[name].splitlines(keepends=True)
		members[name] = b"".join(old[number - 1] for number in lines)

	return change


def both(*changes: Callable[[Members], None]) -> Callable[[Members], None]:
	def change(members: Members) -> None:
		for each in changes:
			each(members)

	return change


def at(name: str, line: int) -> str:
	return f"{name} line {line}"


ATTACHED, UNNAMED = (f"attachments/{sha256(one).hexdigest()}" for one in (b"%PDF signed form", b"unnamed"))
KEYS = [writer.vkey_of(one) for one in (*sample().privates, OTHER)]
NO_ATTACHMENT = ("attachment", ATTACHED)


def each(code: str, *lines: int) -> list[tuple[str, str]]:
	"""Return this finding for lines of earlier checkpoints, by default for all."""
	return [(code, at(EARLIER, number)) for number in lines or (1, 2, 3, 4)]


UNSIGNED = [("signature", TOP), *each("signature")]
OF_MEMBERS = (
	("no manifest", without(MANIFEST), [("missing-member", MANIFEST), *UNSIGNED]),
	("no checkpoint", without(TOP), [("missing-member", TOP)]),
	("no leaves", without(LEAVES), [("missing-member", LEAVES), ("count", MANIFEST), NO_ATTACHMENT]),
	(
		"no earlier checkpoints",
		without(EARLIER),
		[("missing-member", EARLIER), ("unannounced-key", f"{MANIFEST} key 2")],
	),
	("a stranger", as_member("readme.txt", b""), [("unknown-member", "readme.txt")]),
	("a way out", as_member("../../etc/cron.d/x", b""), [("unknown-member", "../../etc/cron.d/x")]),
	("a huge manifest", as_member(MANIFEST, b" " * 2**20 + b"{}"), [("member-size", MANIFEST), *UNSIGNED]),
	(
		"another format",
		changed(MANIFEST, format="school_dialer proof 2"),
		[("manifest", MANIFEST), *UNSIGNED],
	),
	("no number of leaves", changed(MANIFEST, leaves=...), [("manifest", MANIFEST), *UNSIGNED]),
	("another number of leaves", changed(MANIFEST, leaves=8), [("count", MANIFEST)]),
	("no keys", changed(MANIFEST, keys=[]), [("manifest", MANIFEST), *UNSIGNED]),
	("a number written as 7.0", in_line(MANIFEST, 1, '"leaves":7', '"leaves":7.0'), []),
	("another origin", changed(MANIFEST, origin="school_dialer/other"), [("origin", TOP), *each("origin")]),
	("an attachment no one names", as_member(UNNAMED, b"unnamed"), [("attachment", UNNAMED)]),
	("an attachment that was changed", as_member(ATTACHED, b"%PDF other"), [NO_ATTACHMENT]),
	(
		"a stamp that is none",
		as_member("timestamps/4.tsr", b"\x30\x03\x02\x01\x00"),
		[("timestamp", "timestamps/4.tsr")],
	),
	(
		"a stamp of impossible lengths",
		as_member("timestamps/9.tsr", b"\x30\x84\xff\xff\xff\xff" * 14),
		[("timestamp", "timestamps/9.tsr")],
	),
)
OF_LINES = (
	("a changed word", in_line(LEAVES, 1, "I agree", "I refuse"), [("inclusion", at(LEAVES, 1))]),
	(
		"another salt",
		in_line(LEAVES, 2, r"\"salt\":\"", r"\"salt\":\"0"),
		[("inclusion", at(LEAVES, 2)), ("leaf", at(LEAVES, 2))],
	),
	("swapped lines", order(LEAVES, 2, 1, 3, 4, 5, 6, 7), [("index", at(LEAVES, 2))]),
	("a dropped line", order(LEAVES, 1, 2, 3, 4, 5, 7), [("count", MANIFEST)]),
	(
		"an event left out",
		both(order(LEAVES, 2, 3, 4, 5, 6, 7), changed(MANIFEST, leaves=6)),
		[("chain", at(LEAVES, 4)), NO_ATTACHMENT],
	),
	(
		"a line twice",
		order(LEAVES, 1, 2, 2, 3, 4, 5, 6, 7),
		[("index", at(LEAVES, 3)), ("duplicate-id", at(LEAVES, 3)), ("count", MANIFEST)],
	),
	("another index", changed(LEAVES, 7, index=5), [("index", at(LEAVES, 7))]),
	("an index beyond the end", changed(LEAVES, 7, index=7), [("index", at(LEAVES, 7))]),
	("an index that is half", changed(LEAVES, 7, index=6.5), [("line", at(LEAVES, 7))]),
	("an index that is true", changed(LEAVES, 2, index=True), [("line", at(LEAVES, 2))]),
	("a huge index", in_line(LEAVES, 7, '"index":6', '"index":' + "9" * 400), [("line", at(LEAVES, 7))]),
	("NaN", in_line(LEAVES, 7, '"index":6', '"index":NaN'), [("line", at(LEAVES, 7))]),
	("a deep line", in_line(LEAVES, 7, '"proof":[', '"proof":' + "[" * 9**5), [("line", at(LEAVES, 7))]),
	(
		"a deep line that is JSON",
		changed(LEAVES, 7, proof=[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]),
		[("line", at(LEAVES, 7))],
	),
	("half a pair", in_line(LEAVES, 7, '"data":"', r'"data":"\ud800'), [("line", at(LEAVES, 7))]),
	("bytes that are no UTF-8", in_line(LEAVES, 7, "asked", "\udc80"), [("line", at(LEAVES, 7))]),
	(
		"a mark at the beginning",
		in_line(LEAVES, 1, '{"index"', '\ufeff{"index"'),
		[("line", at(LEAVES, 1)), NO_ATTACHMENT, ("chain", at(LEAVES, 5))],
	),
	(
		"an empty line",
		as_member(LEAVES, b"\n"),
		[("line", at(LEAVES, 1)), ("count", MANIFEST), NO_ATTACHMENT],
	),
	(
		"no line end",
		lambda members: members.update({LEAVES: members[LEAVES][:-1]}),
		[("line", at(LEAVES, 7))],
	),
	("a line of two megabytes", changed(LEAVES, 7, data="x" * 2**21), [("line", at(LEAVES, 7))]),
	("a proof in capitals", changed(LEAVES, 7, proof=["A" * 64]), [("line", at(LEAVES, 7))]),
	("a proof that is too short", changed(LEAVES, 3, proof=[]), [("inclusion", at(LEAVES, 3))]),
	("a proof that is too long", changed(LEAVES, 7, proof=["0" * 64] * 64), [("inclusion", at(LEAVES, 7))]),
	("a proof of 65 hashes", changed(LEAVES, 7, proof=["0" * 64] * 65), [("line", at(LEAVES, 7))]),
	("a field too many", changed(LEAVES, 7, note="x"), [("line", at(LEAVES, 7))]),
	("content beside a hash", changed(LEAVES, 6, data="x"), [("line", at(LEAVES, 6))]),
	("another hash of erased content", changed(LEAVES, 6, hash="0" * 64), [("inclusion", at(LEAVES, 6))]),
	(
		"content that is no JSON",
		changed(LEAVES, 7, data="x"),
		[("inclusion", at(LEAVES, 7)), ("leaf", at(LEAVES, 7))],
	),
)
OF_CHECKPOINTS = (
	(
		"another size",
		in_line(TOP, 2, "7", "8"),
		[("signature", TOP), *each("consistency", 4), ("inclusion", at(LEAVES, 7))],
	),
	("another time", in_line(TOP, 4, "2026", "2027"), [("signature", TOP)]),
	("a month that is none", in_line(TOP, 4, "-11-", "-13-"), [("checkpoint", TOP)]),
	("no line before the signature", in_line(TOP, 7, "\n", ""), [("checkpoint", TOP)]),
	(
		"no signature",
		lambda members: members.update({TOP: members[TOP].rpartition(b"\n\n")[0] + b"\n\n"}),
		[("checkpoint", TOP)],
	),
	("a signature of someone else", in_line(TOP, 8, "— school", "— School"), [("signature", TOP)]),
	("a carriage return", in_line(TOP, 1, "\n", "\r\n"), [("checkpoint", TOP)]),
	("another key", changed(MANIFEST, keys=[KEYS[2]]), UNSIGNED),
	("a key that no one announced", changed(MANIFEST, keys=KEYS), [("unannounced-key", f"{MANIFEST} key 3")]),
	(
		"a key with another hash",
		in_line(MANIFEST, 1, "+68856f87+", "+68856f88+"),
		[("key", f"{MANIFEST} key 2"), ("signature", TOP), *each("signature", 4)],
	),
	(
		"swapped checkpoints",
		order(EARLIER, 2, 1, 3, 4),
		[("seq", at(EARLIER, 2)), ("time", at(EARLIER, 2)), ("size", at(EARLIER, 2))],
	),
	("another proof", changed(EARLIER, 2, proof=["0" * 64]), each("consistency", 2)),
	(
		"no proof",
		changed(EARLIER, 3, proof=...),
		[*each("checkpoint", 3), ("unannounced-key", f"{MANIFEST} key 2")],
	),
)


def _other_logs() -> Iterator[Case]:
	"""Yield exports of logs that their owner signed, and that are wrong all the same."""
	log = sample()
	log.leaves[1] = log.leaves[1].replace("ALLOW", "BLOCK")
	log.checkpoint()
	yield Case(
		"a log written anew",
		packed(log.export()),
		tuple(("consistency", at(EARLIER, n)) for n in (2, 3, 4, 5)),
	)
	log = sample()
	log.checkpoint(size=4)
	found = [("size", TOP), *(("consistency", at(EARLIER, n)) for n in (4, 5))]
	yield Case("a log that shrank", packed(log.export()), tuple(found))
	log = sample()
	log.checkpoint(time="2020-01-01T00:00:00Z")
	yield Case("a clock set back", packed(log.export()), (("time", TOP),))
	log = sample()
	log.checkpoint(previous="47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWRb3hSuFU=")
	yield Case("another history", packed(log.export()), (("previous", TOP),))
	log = sample()
	log.checkpoint(seq="2")
	yield Case("a number twice", packed(log.export()), (("seq", TOP),))
	log = sample()
	log.checkpoint(seq="9")
	yield Case("numbers left out, as a thinned list has it", packed(log.export()), ())
	log = sample()
	yield Case("not the school's key", packed(log.export()), (("given-key", TOP),), writer.vkey_of(OTHER))
	log = Log()
	log.consent()
	log.chains[writer.PHONE].append("f" * 64)
	log.consent()
	log.checkpoint()
	yield Case("an event that never was", packed(log.export()), (("chain", at(LEAVES, 2)),))
	log = Log()
	log.consent()
	log.chains[writer.PHONE][-1] = "f" * 64
	log.consent()
	log.leaf("consent", "x", phone="1")
	log.leaf("gossip", "x")
	log.checkpoint()
	found = (("chain", at(LEAVES, 2)), ("leaf", at(LEAVES, 3)), ("leaf", at(LEAVES, 4)))
	yield Case("an event that was exchanged", packed(log.export()), found)


def _other_files() -> Iterator[Case]:
	"""Yield files that cannot be read at all, and a damaged one."""
	members = sample().export()
	content = packed(members)
	unreadable = (("unreadable", ""),)
	yield Case("nothing", b"", unreadable)
	yield Case("a page", b"<html>" * 100, unreadable)
	yield Case("half a file", content[: len(content) // 2], unreadable)
	yield Case("a file with more behind it", content + b"x", unreadable)
	yield Case("a file with more before it", b"x" + content, unreadable)
	yield Case("a compressed file", packed(members, zipfile.ZIP_DEFLATED), unreadable)
	twice = [*members.items(), (TOP, members[TOP])]
	yield Case("a member twice", packed(twice), (("duplicate-member", TOP),))
	damaged = bytearray(content)
	damaged[content.index(b"I agree")] ^= 1
	yield Case("a damaged file", bytes(damaged), (("crc", LEAVES), ("inclusion", at(LEAVES, 1))))
