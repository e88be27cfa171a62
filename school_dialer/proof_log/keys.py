"""Who signs checkpoints: a key file of this host, or a command that may ask another host.

The site's configuration names either:

- `school_dialer_proof_key`: the path of a PEM file with an Ed25519 key. By default the file
  `private/school-dialer-proof/key.pem` of the site, which is made at first use and which backups leave out.
- `school_dialer_proof_command`: a list of arguments, run without a shell. It gets the text of a checkpoint on
  standard input and prints the signature in base64. `school_dialer_proof_public_key` is then the public key:
  32 bytes in base64.
"""

import os
import secrets
import signal
import subprocess
import tempfile
from base64 import b64decode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import frappe
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from school_dialer.proof_log import note

FILE_KEY, COMMAND_KEY, PUBLIC_KEY = (
	"school_dialer_proof_key",
	"school_dialer_proof_command",
	"school_dialer_proof_public_key",
)
FOLDER, FILE = "school-dialer-proof", "key.pem"
SECONDS = 20
"""How long a command may take."""
LONGEST_OUTPUT = 4096
LONGEST_FILE = 16_384


class NoKey(Exception):
	"""There is no usable key. The message says why, and holds nothing secret."""


@dataclass(frozen=True)
class Signer:
	"""`public_key` has 32 bytes. `sign` returns 64 bytes for the bytes of a text, or raises `NoKey`."""

	public_key: bytes
	sign: Callable[[bytes], bytes]


def signer(first: bool) -> Signer:
	"""Return who signs. Raises `NoKey`.

	`first`: no checkpoint was signed yet, so that a default key may be made.
	"""
	if command := frappe.conf.get(COMMAND_KEY):
		return of_command(command, frappe.conf.get(PUBLIC_KEY))
	place = path()
	if first and not place.exists() and not frappe.conf.get(FILE_KEY):
		write_once(place, new_key())
	return of_file(place)


def path() -> Path:
	return Path(frappe.conf.get(FILE_KEY) or frappe.get_site_path("private", FOLDER, FILE)).resolve()


def of_file(place: Path) -> Signer:
	try:
		with place.open("rb") as source:
			key = serialization.load_pem_private_key(source.read(LONGEST_FILE), None)
	except FileNotFoundError as error:
		raise NoKey("The file with the key of the proof log is gone.") from error
	except (OSError, ValueError, TypeError) as error:
		raise NoKey(f"The key of the proof log cannot be read ({type(error).__name__}).") from error
	if not isinstance(key, Ed25519PrivateKey):
		raise NoKey("The key of the proof log is not one of Ed25519.")
	return Signer(raw(key), key.sign)


def raw(key: Ed25519PrivateKey) -> bytes:
	return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def new_key() -> Ed25519PrivateKey:
	return Ed25519PrivateKey.generate()


def write_once(place: Path, key: Ed25519PrivateKey) -> None:
	"""Write the key if there is none yet, whole, and readable by the site's own user alone."""
	_write(place, key, lambda draft: _link(draft, place))


def replace(place: Path, key: Ed25519PrivateKey) -> None:
	"""Write the key in place of the one that is there."""
	_write(place, key, lambda draft: draft.replace(place))


def _link(draft: Path, place: Path) -> None:
	with suppress(FileExistsError):
		os.link(draft, place)


def _write(place: Path, key: Ed25519PrivateKey, put: Callable[[Path], object]) -> None:
	content = key.private_bytes(
		serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
	)
	place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
	draft = place.with_name(f"{secrets.token_hex(8)}.part")
	handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
	try:
		with os.fdopen(handle, "wb") as file:
			file.write(content)
			file.flush()
			os.fsync(file.fileno())
		put(draft)
	finally:
		draft.unlink(missing_ok=True)


def of_command(command: object, public_key: object) -> Signer:
	if not isinstance(command, list) or not command or not all(isinstance(each, str) for each in command):
		raise NoKey(f"{COMMAND_KEY} is a list of arguments.")
	try:
		public = b64decode(str(public_key or ""), validate=True)
	except ValueError:
		public = b""
	if len(public) != note.KEY_BYTES:
		raise NoKey(f"{PUBLIC_KEY} is 32 bytes in base64.")
	return Signer(public, lambda text: run(command, text))


def run(command: list[str], text: bytes) -> bytes:
	"""Return the signature that the command prints. Raises `NoKey` if it fails or takes too long."""
	with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as printed:
		given.write(text)
		given.seek(0)
		try:
			process = subprocess.Popen(
				command, stdin=given, stdout=printed, stderr=subprocess.DEVNULL, start_new_session=True
			)
		except (OSError, ValueError) as error:
			raise NoKey(f"The command that signs cannot be run ({type(error).__name__}).") from error
		try:
			code = process.wait(SECONDS)
		except subprocess.TimeoutExpired as error:
			with suppress(OSError):
				os.killpg(process.pid, signal.SIGKILL)
			process.wait()
			raise NoKey(f"The command that signs took more than {SECONDS} s.") from error
		printed.seek(0)
		output = printed.read(LONGEST_OUTPUT)
	if code:
		raise NoKey(f"The command that signs failed with {code}.")
	try:
		signature = b64decode(output.strip(), validate=True)
	except ValueError:
		signature = b""
	if len(signature) != note.SIGNATURE_BYTES:
		raise NoKey("The command that signs printed no signature.")
	return signature


def forget() -> None:
	"""Delete the default key. Part of the uninstall, which removes the log."""
	place = Path(frappe.get_site_path("private", FOLDER, FILE))
	place.unlink(missing_ok=True)
	with suppress(OSError):
		place.parent.rmdir()
