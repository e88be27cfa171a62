"""A small writer of exports, by the definitions of RFC 6962, that shares no code with the app's own."""

import base64
import io
import json
import subprocess
import warnings
import zipfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ORIGIN = "school_dialer/school.example/0123456789abcdef"
PHONE = "+13125550142"
NAMES = ("name", "phone", "seq", "kind", "channel", "purpose", "wording", "note", "prev_hash", "hash")


def root_of(leaves: Sequence[bytes]) -> bytes:
	"""Return MTH of RFC 6962, 2.1."""
	if not leaves:
		return sha256(b"").digest()
	if len(leaves) == 1:
		return sha256(b"\0" + leaves[0]).digest()
	left = half(len(leaves))
	return sha256(b"\1" + root_of(leaves[:left]) + root_of(leaves[left:])).digest()


def half(size: int) -> int:
	power = 1
	while power * 2 < size:
		power *= 2
	return power


def path_of(index: int, leaves: Sequence[bytes]) -> list[bytes]:
	"""Return PATH of RFC 6962, 2.1.1."""
	if len(leaves) == 1:
		return []
	left = half(len(leaves))
	if index < left:
		return [*path_of(index, leaves[:left]), root_of(leaves[left:])]
	return [*path_of(index - left, leaves[left:]), root_of(leaves[:left])]


def proof_of(earlier: int, leaves: Sequence[bytes], whole: bool = True) -> list[bytes]:
	"""Return PROOF of RFC 6962, 2.1.2, and nothing for an empty log or one that shrank."""
	if earlier >= len(leaves) or not earlier:
		return [] if whole else [root_of(leaves)]
	left = half(len(leaves))
	if earlier <= left:
		return [*proof_of(earlier, leaves[:left], whole), root_of(leaves[left:])]
	return [*proof_of(earlier - left, leaves[left:], False), root_of(leaves[:left])]


def vkey_of(private: Ed25519PrivateKey, name: str = ORIGIN) -> str:
	key = b"\1" + private.public_key().public_bytes_raw()
	digest = sha256(name.encode() + b"\n" + key).hexdigest()[:8]
	return f"{name}+{digest}+{base64.b64encode(key).decode()}"


class Log:
	"""A log of leaves, whose checkpoints are signed by one key after the other."""

	def __init__(self):
		self.origin = self.former = ORIGIN
		self.leaves: list[str] = []
		self.erased: set[int] = set()
		self.privates = [Ed25519PrivateKey.from_private_bytes(bytes(range(32)))]
		self.used = [vkey_of(self.privates[0])]
		self.checkpoints: list[tuple[int, str]] = []
		self.chains: dict[str, list[str]] = {}
		self.attachments: dict[str, bytes] = {}
		self.stamps: dict[int, bytes] = {}

	def leaf(self, kind: str, name: str, /, **body) -> int:
		salt = sha256(f"{kind} {name}".encode()).hexdigest()[:32]
		data = {"v": 1, "kind": kind, "id": name, "salt": salt, "body": body}
		self.leaves.append(json.dumps(data, ensure_ascii=False, separators=(",", ":")))
		return len(self.leaves) - 1

	def consent(self, phone: str = PHONE, attachment: bytes | None = None, **more) -> int:
		chain = self.chains.setdefault(phone, ["0" * 64])
		seq = len(chain)
		values = {"name": f"{phone[-4:]}-{seq}", "phone": phone, "seq": seq, "prev_hash": chain[-1], **more}
		digest = sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
		chain.append(digest)
		body = {name: values.get(name, "") for name in NAMES} | {"hash": f"2:abcdef01:{digest}"}
		body["prev_hash"] = f"2:abcdef01:{body['prev_hash']}" if seq > 1 else body["prev_hash"]
		named = sha256(attachment).hexdigest() if attachment is not None else None
		if named:
			self.attachments[named] = attachment
		return self.leaf("consent", values["name"], **body, attachment_sha256=named)

	def begin_again(self, origin: str = "", cosigned: bool = True, **body) -> int:
		"""Go on under another name, as after a restore. `body` replaces values of what declares that."""
		(size, _last), self.former = self.checkpoints[-1], self.origin
		self.origin = origin or f"{ORIGIN}/after-restore-20261128T{len(self.leaves):06}Z"
		root = root_of([one.encode() for one in self.leaves[:size]]).hex()
		known = {"before": self.former, "seq": len(self.checkpoints), "size": size, "root": root}
		values = {"origin": self.origin, **known, "lost": None, "at_utc": "2026-11-28T09:00:00Z", **body}
		index = self.leaf("restart", f"RESTORE-{len(self.leaves)}", **values)
		if not cosigned:
			self.former = self.origin
		self.checkpoint(next=vkey_of(self.privates[-1], self.origin))
		self.former = self.origin
		self.used.append(vkey_of(self.privates[-1], self.origin))
		return index

	def checkpoint(self, size: int | None = None, next_key: Ed25519PrivateKey | None = None, **lines) -> str:
		"""Sign a checkpoint over the first `size` leaves, by default all. `lines` replace its own."""
		size = len(self.leaves) if size is None else size
		seq = len(self.checkpoints) + 1
		before = self.checkpoints[-1][1].rpartition("\n\n")[0] + "\n" if self.checkpoints else ""
		values = {
			"time": f"2026-11-{seq // 24 + 1:02}T{seq % 24:02}:00:00Z",
			"seq": str(seq),
			"previous": base64.b64encode(sha256(before.encode()).digest()).decode(),
			**({"next": vkey_of(next_key, self.origin)} if next_key else {}),
			**lines,
		}
		root = base64.b64encode(root_of([one.encode() for one in self.leaves[:size]])).decode()
		text = (
			"\n".join([self.origin, str(size), root, *(f"{name} {value}" for name, value in values.items())])
			+ "\n"
		)
		self.checkpoints.append((size, self.signed(text)))
		if next_key:
			self.privates.append(next_key)
			self.used.append(vkey_of(next_key, self.origin))
		return self.checkpoints[-1][1]

	def signed(self, text: str) -> str:
		private, lines = self.privates[-1], []
		for name in dict.fromkeys([self.origin, self.former]):
			digest = bytes.fromhex(vkey_of(private, name).split("+")[1])
			lines.append(f"— {name} {base64.b64encode(digest + private.sign(text.encode())).decode()}\n")
		return f"{text}\n{''.join(lines)}"

	def export(
		self, indices: Sequence[int] | None = None, about: str = "a number ending 42"
	) -> dict[str, bytes]:
		"""Return the members of an export of these leaves, by default all, under the last checkpoint."""
		(size, top), earlier = self.checkpoints[-1], self.checkpoints[:-1]
		leaves = [one.encode() for one in self.leaves[:size]]
		indices = range(size) if indices is None else indices
		manifest = {
			"format": "school_dialer proof 1",
			"origin": self.origin,
			"made_utc": "2026-11-28T20:00:00Z",
			"about": about,
			"time_zone": "America/Chicago",
			"leaves": len(indices),
			"keys": self.used,
		}
		older = [
			{"checkpoint": text, "proof": [one.hex() for one in proof_of(count, leaves)]}
			for count, text in earlier
		]
		members = {
			"manifest.json": as_json(manifest),
			"checkpoint": top.encode(),
			"leaves.jsonl": b"".join(as_json(self.line(index, leaves)) + b"\n" for index in indices),
			"checkpoints.jsonl": b"".join(as_json(one) + b"\n" for one in older),
		}
		members |= {f"timestamps/{seq}.tsr": content for seq, content in self.stamps.items()}
		return members | {f"attachments/{name}": content for name, content in self.attachments.items()}

	def line(self, index: int, leaves: Sequence[bytes]) -> dict:
		proof = [one.hex() for one in path_of(index, leaves)]
		if index in self.erased:
			digest = sha256(b"\0" + leaves[index]).hexdigest()
			return {"index": index, "data": None, "hash": digest, "proof": proof}
		return {"index": index, "data": self.leaves[index], "proof": proof}


def as_json(value) -> bytes:
	return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def packed(
	members: dict[str, bytes] | Sequence[tuple[str, bytes]], method: int = zipfile.ZIP_STORED
) -> bytes:
	"""Return the members as a ZIP file. Pairs may name a member twice."""
	pairs = members.items() if isinstance(members, dict) else members
	file = io.BytesIO()
	with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(file, "w", method) as archive:
		for name, content in pairs:
			info = zipfile.ZipInfo(name, (2026, 11, 28, 20, 0, 0))
			info.compress_type = method
			# As the app writes what it does not hold in memory: with the field for large sizes.
			with archive.open(info, "w", force_zip64=name == "leaves.jsonl") as member:
				member.write(content)
	return file.getvalue()


def sample() -> Log:
	"""Return a log of all kinds of leaves, with an attachment, an erased leaf, and a change of keys."""
	log = Log()
	log.checkpoint()
	log.consent(kind="Grant", wording="I agree – «sí», 好", attachment=b"%PDF signed form")
	log.leaf("decision", "d1", number=PHONE, decision="ALLOW", reasons=[], record='{"at":"x"}')
	log.checkpoint()
	log.consent("+13125550199", kind="Grant")
	log.leaf("disclosure", "l1", student="S1", at="2026-11-01 10:00:00")
	log.checkpoint(next_key=Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64))))
	log.consent(kind="Opt Out", note="STOP")
	log.erased.add(log.consent("+13125550199", kind="Opt Out"))
	log.leaf("erasure", "consent-x", kind="consent", id="x", at_utc="2026-11-02T00:00:00Z", why="asked")
	log.checkpoint()
	log.checkpoint()
	return log


class Authority:
	"""A time stamp authority of RFC 3161, by openssl, in a folder of its own."""

	CONFIG = """
[tsa]
default_tsa = one
[one]
serial = serial
crypto_device = builtin
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
[ext]
extendedKeyUsage = critical,timeStamping
"""

	def __init__(self, folder: Path):
		self.folder, self.certificate = folder, folder / "tsa.pem"
		(folder / "tsa.cnf").write_text(self.CONFIG)
		(folder / "serial").write_text("01\n")
		name = ["-subj", "/CN=Test authority", "-days", "3650", "-nodes", "-config", "/dev/null"]
		purpose = ["-addext", "extendedKeyUsage=critical,timeStamping"]
		self.openssl(
			"req", "-x509", "-newkey", "rsa:2048", *name, *purpose, "-keyout", "tsa.key", "-out", "tsa.pem"
		)

	def openssl(self, *arguments: str) -> None:
		subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

	def stamp(self, checkpoint: str, digest: str = "sha256") -> bytes:
		"""Return a response over the text part of a signed checkpoint."""
		(self.folder / "text").write_bytes((checkpoint.rpartition("\n\n")[0] + "\n").encode())
		self.openssl("ts", "-query", "-data", "text", f"-{digest}", "-cert", "-no_nonce", "-out", "query")
		self.openssl("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-out", "reply")
		return (self.folder / "reply").read_bytes()
