"""A certificate for a TLS server of a test on this machine."""

import ipaddress
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def certificate(folder) -> tuple[str, str]:
	"""Write a certificate for localhost that signs itself, and its key. Return their paths."""
	key = ec.generate_private_key(ec.SECP256R1())
	name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
	now = datetime.now(timezone.utc)
	names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
	made = (
		x509.CertificateBuilder()
		.subject_name(name)
		.issuer_name(name)
		.public_key(key.public_key())
		.serial_number(x509.random_serial_number())
		.not_valid_before(now - timedelta(days=1))
		.not_valid_after(now + timedelta(days=1))
		.add_extension(x509.SubjectAlternativeName(names), critical=False)
		.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
		.sign(key, hashes.SHA256())
	)
	paths = folder / "cert.pem", folder / "key.pem"
	paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
	paths[1].write_bytes(
		key.private_bytes(
			serialization.Encoding.PEM,
			serialization.PrivateFormat.PKCS8,
			serialization.NoEncryption(),
		)
	)
	return str(paths[0]), str(paths[1])
