"""The certificate of the public address: a real handshake with a real server.

Some addresses are not contacted.
"""

import socket
import ssl
import threading
from datetime import datetime, timedelta, timezone

import frappe
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dev.patience import PATIENCE
from school_dialer.health import outside
from school_dialer.health.finding import FAIL, OK, WARN
from school_dialer.settings import carrier_settings

pytestmark = pytest.mark.dates

NAME = "school.example"


@pytest.fixture
def served(tmp_path):
	"""Yield `served(days)`, which serves a certificate that is valid for that many more days.

	It returns the port and an SSL context that trusts the certificate.
	"""
	listeners = []

	def serve(days: float, name: str = NAME) -> tuple[int, ssl.SSLContext]:
		path = tmp_path / "certificate.pem"
		path.write_bytes(certificate(datetime.now(timezone.utc) + timedelta(days=days), name))
		context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
		context.load_cert_chain(path)
		listener = socket.create_server(("127.0.0.1", 0))
		listeners.append(listener)
		threading.Thread(target=answer, args=(listener, context), daemon=True).start()
		return listener.getsockname()[1], ssl.create_default_context(cafile=str(path))

	yield serve
	for listener in listeners:
		listener.close()


def answer(listener: socket.socket, context: ssl.SSLContext) -> None:
	try:
		plain, _from = listener.accept()
		with context.wrap_socket(plain, server_side=True) as secure:
			secure.recv(1)
	except OSError:
		pass


def certificate(until: datetime, name: str) -> bytes:
	key = ec.generate_private_key(ec.SECP256R1())
	subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
	made = (
		x509.CertificateBuilder()
		.subject_name(subject)
		.issuer_name(subject)
		.public_key(key.public_key())
		.serial_number(x509.random_serial_number())
		.not_valid_before(until - timedelta(days=400))
		.not_valid_after(until)
		.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
		.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
		.sign(key, hashes.SHA256())
	)
	private = key.private_bytes(
		serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
	)
	return private + made.public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize(("days", "state"), [(90, OK), (10, WARN), (2, FAIL)])
def test_the_days_that_are_left(served, days, state):
	port, context = served(days)
	until = outside.expiry("127.0.0.1", port, NAME, context)
	found = outside.judge_certificate(until - datetime.now(timezone.utc))
	assert found.state == state and str(days - 1) in found.text


def test_one_that_is_expired_or_of_another_name_or_not_trusted(served):
	port, context = served(-1)
	with pytest.raises(ssl.SSLCertVerificationError):
		outside.expiry("127.0.0.1", port, NAME, context)
	port, context = served(90, "other.example")
	with pytest.raises(ssl.SSLCertVerificationError):
		outside.expiry("127.0.0.1", port, NAME, context)
	port, _context = served(90)
	with pytest.raises(ssl.SSLCertVerificationError):
		outside.expiry("127.0.0.1", port, NAME, outside.trusted())


def test_a_server_that_says_nothing_is_left():
	with (
		socket.create_server(("127.0.0.1", 0)) as listener,
		pytest.raises(OSError, match=r"too long|timed out"),
	):
		outside.expiry("127.0.0.1", listener.getsockname()[1], NAME, outside.trusted(), seconds=0.2)


def test_a_server_that_is_not_there(school):
	with pytest.raises(OSError):
		outside.expiry("127.0.0.1", 9, NAME, outside.trusted(), seconds=PATIENCE)


@pytest.fixture
def public_url(school, monkeypatch):
	def set_to(url: str, mode: str = "Simulated") -> None:
		doc = frappe._dict(public_url=url, mode=mode)
		monkeypatch.setattr(carrier_settings, "settings", lambda: doc)
		monkeypatch.setattr(outside, "expiry", lambda *given, **more: pytest.fail("It was asked."))

	return set_to


@pytest.mark.parametrize("mode", ["Simulated", "Live"])
@pytest.mark.parametrize(
	"url",
	[
		"https://127.0.0.1:3306",
		"https://localhost",
		"https://10.0.0.1",
		"https://169.254.169.254",
		"https://[::1]:8000",
	],
)
def test_no_address_of_a_private_network_is_asked(public_url, url, mode):
	public_url(url, mode)
	assert outside.certificate().state == WARN


@pytest.mark.parametrize(
	"url", ["https://school.invalid:99999999", "https://school.invalid", "https://a b\x00c"]
)
def test_addresses_that_are_none(public_url, url):
	public_url(url, "Live")
	assert outside.certificate().state == WARN


def test_live_mode_needs_one_and_simulated_mode_does_not(public_url):
	public_url("http://127.0.0.1:8000")
	assert outside.certificate().state == OK
	public_url("http://school.example", "Live")
	assert outside.certificate().state == FAIL
