"""The key that signs our alerts: made once, and kept in a folder of the site that is never served.

The file private/dialer_alerts/signing.pem holds the key and a certificate that signs itself. Those who read
our alerts trust that certificate, not an authority. Without the file a new key is made, which they must learn
of.
"""

import os
import secrets
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import frappe
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from school_dialer.base import clock

FOLDER, FILE = "dialer_alerts", "signing.pem"
BITS, YEARS = 3072, 10
PEM = serialization.Encoding.PEM


def path() -> Path:
	return Path(frappe.get_site_path("private", FOLDER, FILE))


def key_and_certificate(host: str) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
	"""Return what alerts are signed with. Make it if there is none; of two who make it, one wins."""
	if not path().exists():
		make(host)
	content = path().read_bytes()
	return serialization.load_pem_private_key(content, None), x509.load_pem_x509_certificate(content)


def certificate_pem() -> bytes | None:
	"""Return the certificate for those who check our signatures; None if nothing was signed yet."""
	if not path().exists():
		return None
	return x509.load_pem_x509_certificate(path().read_bytes()).public_bytes(PEM)


def make(host: str) -> None:
	key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
	name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host[:64])])
	now = clock.now()
	certificate = (
		x509.CertificateBuilder()
		.subject_name(name)
		.issuer_name(name)
		.public_key(key.public_key())
		.serial_number(x509.random_serial_number())
		.not_valid_before(now - timedelta(days=1))
		.not_valid_after(now + timedelta(days=365 * YEARS))
		.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
		.sign(key, hashes.SHA256())
	)
	content = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
	write_once(content + certificate.public_bytes(PEM))


def write_once(content: bytes) -> None:
	"""Write the file if there is none yet, whole and readable by the site's own user alone."""
	path().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
	part = path().with_name(f"{secrets.token_hex(8)}.part")
	handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
	try:
		with os.fdopen(handle, "wb") as file:
			file.write(content)
			file.flush()
			os.fsync(file.fileno())
		with suppress(FileExistsError):
			os.link(part, path())
	finally:
		part.unlink(missing_ok=True)


def remove() -> None:
	"""Delete the key, when the app is uninstalled."""
	path().unlink(missing_ok=True)
	with suppress(OSError):
		path().parent.rmdir()
