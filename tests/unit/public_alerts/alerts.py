"""Alerts, keys, and certificates for tests."""

from datetime import datetime, timedelta, timezone
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from lxml import etree

from school_dialer.public_alerts.cap import signature, writing
from school_dialer.public_alerts.cap.model import Alert, Area, Info

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=timezone.utc)
SENT = "2026-11-28T03:55:00-08:00"
HEAD = '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'
INFO = (
	"<info><language>en-US</language><category>Met</category><event>Flood</event>"
	"<urgency>Immediate</urgency><severity>Severe</severity><certainty>Observed</certainty>"
	"<headline>Flood warning</headline><description>The river rises.</description>"
	"<area><areaDesc>Riverside County</areaDesc>"
	"<geocode><valueName>SAME</valueName><value>006065</value></geocode></area></info>"
)
START = f"<identifier>A-1</identifier><sender>weather@example.org</sender><sent>{SENT}</sent>"
COMMON = START + "<status>Actual</status><msgType>Alert</msgType><scope>Public</scope>"


def document(inner: str = COMMON + INFO, head: str = HEAD) -> bytes:
	return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}{inner}</alert>'.encode()


def alert(**changes) -> Alert:
	info = Info(
		"en",
		"Fire",
		("Fire",),
		"Immediate",
		"Severe",
		"Observed",
		headline="Riverside: Fire",
		description="Smoke in the hall. Keep away.",
		expires=NOW + timedelta(hours=12),
		areas=(Area("Riverside", (("SAME", "006065"),)),),
	)
	values = {"identifier": "a1", "sender": "school.example", "sent": writing.written(NOW), "sent_at": NOW}
	return Alert(**{**values, "infos": (info,), **changes})


@lru_cache(maxsize=4)
def keys(which: str, kind: str = "rsa"):
	"""Return a key and a certificate of it that signs itself, valid for decades."""
	key = (
		rsa.generate_private_key(public_exponent=65537, key_size=2048)
		if kind == "rsa"
		else ec.generate_private_key(ec.SECP256R1())
	)
	name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, which)])
	certificate = (
		x509.CertificateBuilder()
		.subject_name(name)
		.issuer_name(name)
		.public_key(key.public_key())
		.serial_number(x509.random_serial_number())
		.not_valid_before(NOW - timedelta(days=3_650))
		.not_valid_after(NOW + timedelta(days=9_000))
		.sign(key, hashes.SHA256())
	)
	return key, certificate


def pem(certificate: x509.Certificate) -> str:
	return certificate.public_bytes(serialization.Encoding.PEM).decode()


def signed(which: str = "one", root: etree._Element | None = None) -> etree._Element:
	root = writing.element_of(alert()) if root is None else root
	signature.sign(root, *keys(which))
	return root
