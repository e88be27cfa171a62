"""Signatures: only the whole document, only by the certificate that was agreed on."""

import base64
import copy
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from lxml import etree

from school_dialer.public_alerts.cap import reading, signature, writing, xml
from school_dialer.public_alerts.cap.model import CAP, DSIG
from school_dialer.public_alerts.cap.signature import BadSignature
from tests.unit.public_alerts.alerts import COMMON, INFO, NOW, alert, document, keys, pem, signed


def verify(root, which: str = "one", at=NOW) -> None:
	signature.verify(root, pem(keys(which)[1]), at)


def sent(root) -> etree._Element:
	"""Return the document as it arrives elsewhere."""
	return xml.parse(writing.document(root))


def part(root, name: str) -> etree._Element:
	return root.find(f".//{{{DSIG}}}{name}")


def test_what_we_sign_holds_and_is_an_alert():
	root = sent(signed())
	verify(root)
	assert reading.read(root).identifier == "a1"


def test_a_document_that_others_laid_out_holds():
	"""White space, comments, and an instruction before the alert are part of what is signed, or left out."""
	root = etree.fromstring(document(COMMON + "\n  " + INFO + "\n"))
	signature.sign(root, *keys("one"))
	written = etree.tostring(root).replace(b"<scope>", b"<!-- note --><scope>")
	verify(xml.parse(written))


def test_an_alert_without_a_signature_is_refused():
	with pytest.raises(BadSignature, match="not signed"):
		verify(xml.parse(document()))


@pytest.mark.parametrize(("name", "words"), [("description", "Come at once."), ("status", "Test")])
def test_a_changed_alert_is_refused(name, words):
	root = sent(signed())
	root.find(f".//{{{CAP}}}{name}").text = words
	with pytest.raises(BadSignature, match="changed"):
		verify(root)


def test_words_added_after_the_signature_are_seen():
	root = sent(signed())
	root[-1].tail = "more"
	with pytest.raises(BadSignature, match="changed"):
		verify(root)


def test_another_certificate_is_refused():
	with pytest.raises(BadSignature, match="not of the certificate"):
		verify(sent(signed("other")))


def test_the_certificate_in_the_document_is_not_trusted():
	root = sent(signed("other"))
	shown = keys("one")[1].public_bytes(serialization.Encoding.DER)
	part(root, "X509Certificate").text = base64.b64encode(shown).decode()
	with pytest.raises(BadSignature, match="not of the certificate"):
		verify(root)


def test_an_expired_certificate_is_refused():
	with pytest.raises(BadSignature, match="expired"):
		verify(sent(signed()), at=NOW.replace(year=2070))


def test_no_certificate_at_all_is_refused():
	with pytest.raises(BadSignature, match="not readable"):
		signature.certificate_of("-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----")


def test_a_second_signature_is_refused():
	root = sent(signed())
	root.append(copy.deepcopy(root[-1]))
	with pytest.raises(BadSignature, match="form"):
		verify(root)


def test_a_wrapped_signature_is_refused():
	"""The signed alert is moved into a new one, and its signature refers to it by an id."""
	inner = sent(signed())
	outer = writing.element_of(alert(identifier="evil"))
	found = inner.find(f"{{{DSIG}}}Signature")
	inner.set("Id", "real")
	holder = etree.SubElement(found, f"{{{DSIG}}}Object")
	outer.append(found)
	holder.append(inner)
	part(outer, "Reference").set("URI", "#real")
	with pytest.raises(BadSignature, match="form"):
		verify(sent(outer))


def test_a_signature_deeper_in_the_alert_is_refused():
	root = sent(signed())
	root.find(f"{{{CAP}}}info").append(root[-1])
	with pytest.raises(BadSignature, match="form"):
		verify(root)


@pytest.mark.parametrize(
	("name", "algorithm"),
	[
		("SignatureMethod", "http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
		("SignatureMethod", "http://www.w3.org/2000/09/xmldsig#hmac-sha1"),
		("SignatureMethod", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"),
		("DigestMethod", "http://www.w3.org/2000/09/xmldsig#sha1"),
		("CanonicalizationMethod", "http://www.w3.org/TR/1999/REC-xslt-19991116"),
		("Transform", "http://www.w3.org/TR/1999/REC-xslt-19991116"),
		("Transform", "http://www.w3.org/2002/06/xmldsig-filter2"),
	],
)
def test_other_algorithms_are_refused(name, algorithm):
	root = sent(signed())
	part(root, name).set("Algorithm", algorithm)
	with pytest.raises(BadSignature, match="form"):
		verify(root)


def test_a_transform_that_selects_is_refused():
	root = sent(signed())
	etree.SubElement(part(root, "Transform"), "XPath").text = "1"
	with pytest.raises(BadSignature, match="form"):
		verify(root)


def test_a_signature_without_its_parts_is_refused():
	for name in ("SignedInfo", "Reference", "DigestValue", "SignatureValue", "Transforms"):
		root = sent(signed())
		found = part(root, name)
		found.getparent().remove(found)
		with pytest.raises(BadSignature):
			verify(root)


def test_an_elliptic_key_may_sign():
	"""The value is both numbers, one after the other (XML Signature 6.4.3)."""
	key, certificate = keys("ec", "ec")
	root = signed()
	part(root, "SignatureMethod").set("Algorithm", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256")
	content = signature.canonical(part(root, "SignedInfo"), True)
	both = utils.decode_dss_signature(key.sign(content, ec.ECDSA(hashes.SHA256())))
	value = b"".join(number.to_bytes(32, "big") for number in both)
	part(root, "SignatureValue").text = base64.b64encode(value).decode()
	signature.verify(sent(root), pem(certificate), NOW)


def test_the_inclusive_form_holds_too():
	"""As other programs sign: one transform only, and inherited names kept."""
	root = writing.element_of(alert())
	signature.sign(root, *keys("one"))
	part(root, "CanonicalizationMethod").set("Algorithm", signature.INCLUSIVE)
	part(root, "Transforms").remove(part(root, "Transforms")[1])
	bare = writing.element_of(alert())
	digest = sha256(etree.tostring(bare.getroottree(), method="c14n")).digest()
	part(root, "DigestValue").text = base64.b64encode(digest).decode()
	alone = etree.fromstring(etree.tostring(part(root, "SignedInfo"), with_tail=False))
	key, _certificate = keys("one")
	value = key.sign(etree.tostring(alone, method="c14n"), padding.PKCS1v15(), hashes.SHA256())
	part(root, "SignatureValue").text = base64.b64encode(value).decode()
	verify(sent(root))
