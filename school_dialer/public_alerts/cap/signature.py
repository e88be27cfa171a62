"""Enveloped XML signatures of whole alerts (W3C XML Signature, second edition), in one narrow form.

The one Signature is a child of the alert itself, with one Reference whose URI is empty: the whole document.
There are no others, so that no part of a document can be signed while another part is read (wrapping), and
the certificate is the one that was agreed on before, never one that the document brings. Transforms are the
enveloped signature and a canonicalization; digests are SHA-256, 384, or 512; signatures are RSA or ECDSA with
them. No Frappe.
"""

import base64
import binascii
import copy
import hmac
from dataclasses import dataclass
from datetime import datetime, timezone
from hashlib import sha256, sha384, sha512

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from lxml import etree

from school_dialer.base.wording import Wording as _
from school_dialer.public_alerts.cap.model import DSIG
from school_dialer.public_alerts.cap.xml import text_of

ENVELOPED = DSIG + "enveloped-signature"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
CANONICAL = {INCLUSIVE: False, EXCLUSIVE: True}
_ENC, _MORE = "http://www.w3.org/2001/04/xmlenc#", "http://www.w3.org/2001/04/xmldsig-more#"
SHA256 = _ENC + "sha256"
DIGESTS = {SHA256: sha256, _MORE + "sha384": sha384, _ENC + "sha512": sha512}
RSA_SHA256 = _MORE + "rsa-sha256"
_HASHES = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
SIGNATURES = {
	f"{_MORE}{family}-{name}": (family, one) for family in ("rsa", "ecdsa") for name, one in _HASHES.items()
}
LEAST_RSA_BITS = 2048


class BadSignature(Exception):
	"""The signature is missing or does not hold. Holds a `Wording` that says why."""


@dataclass(frozen=True, slots=True)
class _Signed:
	"""The parts of one Signature that are used."""

	info: etree._Element
	canonical: str
	method: str
	exclusive: bool
	digest_method: str
	digest: bytes
	value: bytes


def verify(root: etree._Element, certificate: str, at: datetime) -> None:
	"""Raise `BadSignature` unless the holder of this certificate (PEM) signed this whole document.

	`at` is the present, aware: an expired certificate proves nothing.
	"""
	holder = certificate_of(certificate)
	begins, ends = validity(holder)
	if not begins <= at <= ends:
		raise BadSignature(_("The certificate of the feed has expired or is not valid yet."))
	signed = _signed(root)
	content = canonical(_without_signature(root), signed.exclusive)
	if not hmac.compare_digest(DIGESTS[signed.digest_method](content).digest(), signed.digest):
		raise BadSignature(_("The alert was changed after it was signed."))
	info = etree.fromstring(etree.tostring(signed.info, with_tail=False))
	_check_value(signed, holder.public_key(), canonical(info, CANONICAL[signed.canonical]))


def certificate_of(pem: str) -> x509.Certificate:
	"""Return the certificate in this PEM text. Raise `BadSignature`."""
	try:
		return x509.load_pem_x509_certificate(pem.encode())
	except ValueError:
		raise BadSignature(_("The certificate of the feed is not readable.")) from None


def validity(certificate: x509.Certificate) -> tuple[datetime, datetime]:
	"""Return from when and until when a certificate is valid, aware. Older releases have naive UTC alone."""
	if hasattr(certificate, "not_valid_before_utc"):
		return certificate.not_valid_before_utc, certificate.not_valid_after_utc
	ends = (certificate.not_valid_before, certificate.not_valid_after)
	begins, ends = (end.replace(tzinfo=timezone.utc) for end in ends)
	return begins, ends


def _without_signature(root: etree._Element) -> etree._ElementTree:
	"""Return a copy of the document without its signature, and with the text that followed it."""
	tree = copy.deepcopy(root.getroottree())
	signature = tree.getroot().find(f"{{{DSIG}}}Signature")
	before, parent = signature.getprevious(), signature.getparent()
	if before is not None:
		before.tail = (before.tail or "") + (signature.tail or "")
	else:
		parent.text = (parent.text or "") + (signature.tail or "")
	parent.remove(signature)
	return tree


def canonical(element: etree._Element | etree._ElementTree, exclusive: bool) -> bytes:
	"""Return the canonical form of a document.

	lxml's inclusive form of an element within a document is wrong about inherited namespaces, so such an
	element is first made a document of its own.
	"""
	return etree.tostring(element, method="c14n", exclusive=exclusive, with_comments=False)


def _signed(root: etree._Element) -> _Signed:
	"""Return the parts of the alert's only signature. Raise `BadSignature` for every other form."""
	everywhere = list(root.iter(f"{{{DSIG}}}Signature"))
	if not everywhere:
		raise BadSignature(_("The alert is not signed."))
	if len(everywhere) != 1 or everywhere[0].getparent() is not root:
		raise BadSignature(_("The alert's signature is not of the form that is accepted."))
	signature = everywhere[0]
	try:
		(info,) = signature.findall(f"{{{DSIG}}}SignedInfo")
		(reference,) = info.findall(f"{{{DSIG}}}Reference")
		canonical_by = _one(info, "CanonicalizationMethod").get("Algorithm")
		method = _one(info, "SignatureMethod").get("Algorithm")
		digest_method = _one(reference, "DigestMethod").get("Algorithm")
		transforms = list(_one(reference, "Transforms"))
		names = [transform.get("Algorithm") for transform in transforms]
		plain = not any(len(element) for element in (*transforms, _one(info, "CanonicalizationMethod")))
		digest = base64.b64decode(_packed(_one(reference, "DigestValue")), validate=True)
		value = base64.b64decode(_packed(_one(signature, "SignatureValue")), validate=True)
	except (ValueError, binascii.Error):
		raise BadSignature(_("The alert's signature is not of the form that is accepted.")) from None
	rest = names[1:] or [INCLUSIVE]
	fits = (
		reference.get("URI") == ""
		and names[:1] == [ENVELOPED]
		and len(rest) == 1
		and rest[0] in CANONICAL
		and canonical_by in CANONICAL
		and method in SIGNATURES
		and digest_method in DIGESTS
		and plain
	)
	if not fits:
		raise BadSignature(_("The alert's signature is not of the form that is accepted."))
	return _Signed(info, canonical_by, method, CANONICAL[rest[0]], digest_method, digest, value)


def _one(parent: etree._Element, name: str) -> etree._Element:
	(child,) = parent.findall(f"{{{DSIG}}}{name}")
	return child


def _packed(element: etree._Element) -> str:
	return "".join(text_of(element).split())


def _check_value(signed: _Signed, key, content: bytes) -> None:
	family, hashing = SIGNATURES[signed.method]
	try:
		if family == "rsa" and isinstance(key, rsa.RSAPublicKey) and key.key_size >= LEAST_RSA_BITS:
			key.verify(signed.value, content, padding.PKCS1v15(), hashing)
		elif family == "ecdsa" and isinstance(key, ec.EllipticCurvePublicKey):
			half = len(signed.value) // 2
			both = (int.from_bytes(part, "big") for part in (signed.value[:half], signed.value[half:]))
			key.verify(utils.encode_dss_signature(*both), content, ec.ECDSA(hashing))
		else:
			raise InvalidSignature
	except (InvalidSignature, ValueError):
		raise BadSignature(_("The signature is not of the certificate of the feed.")) from None


def sign(root: etree._Element, key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> None:
	"""Add the signature of this key to the alert, at its end, with the certificate."""
	digest = sha256(canonical(root, True)).digest()
	signature = etree.SubElement(root, f"{{{DSIG}}}Signature", nsmap={None: DSIG})
	info = etree.SubElement(signature, f"{{{DSIG}}}SignedInfo")
	etree.SubElement(info, f"{{{DSIG}}}CanonicalizationMethod", Algorithm=EXCLUSIVE)
	etree.SubElement(info, f"{{{DSIG}}}SignatureMethod", Algorithm=RSA_SHA256)
	reference = etree.SubElement(info, f"{{{DSIG}}}Reference", URI="")
	transforms = etree.SubElement(reference, f"{{{DSIG}}}Transforms")
	for algorithm in (ENVELOPED, EXCLUSIVE):
		etree.SubElement(transforms, f"{{{DSIG}}}Transform", Algorithm=algorithm)
	etree.SubElement(reference, f"{{{DSIG}}}DigestMethod", Algorithm=SHA256)
	etree.SubElement(reference, f"{{{DSIG}}}DigestValue").text = base64.b64encode(digest).decode()
	value = key.sign(canonical(info, True), padding.PKCS1v15(), hashes.SHA256())
	etree.SubElement(signature, f"{{{DSIG}}}SignatureValue").text = base64.b64encode(value).decode()
	data = etree.SubElement(etree.SubElement(signature, f"{{{DSIG}}}KeyInfo"), f"{{{DSIG}}}X509Data")
	shown = certificate.public_bytes(serialization.Encoding.DER)
	etree.SubElement(data, f"{{{DSIG}}}X509Certificate").text = base64.b64encode(shown).decode()
