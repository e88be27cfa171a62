"""What strangers may send instead of an alert: it is refused early, and nothing else is read."""

import pytest

from school_dialer.public_alerts.cap import reading, xml
from school_dialer.public_alerts.cap.xml import BadDocument
from tests.unit.public_alerts.alerts import COMMON, HEAD, INFO, document

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BAD = {
	"billion laughs": f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]>{HEAD}&l9;</alert>',
	"a file": f'<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]>{HEAD}&f;</alert>',
	"an external document type": f'<!DOCTYPE alert SYSTEM "https://127.0.0.1/x.dtd">{HEAD}</alert>',
	"a lowercase document type": f"<!doctype alert>{HEAD}</alert>",
	"an unknown entity": f"{HEAD}&unknown;</alert>",
	"deep nesting": HEAD + "<info>" * 40 + "</info>" * 40 + "</alert>",
	"very deep nesting": "<a>" * 100_000,
	"many elements": HEAD + "<code/>" * 40_000 + "</alert>",
	"an instruction": f"{HEAD}<?php echo 1?></alert>",
	"not closed": HEAD,
	"nothing": "",
	"no XML": "{}",
	"a null": f"{HEAD}\x00</alert>",
}


@pytest.mark.parametrize("what", BAD)
def test_hostile_documents_are_refused(what):
	with pytest.raises(BadDocument):
		reading.read(xml.parse(BAD[what].encode()))


def test_ten_megabytes_are_not_parsed():
	with pytest.raises(BadDocument, match="1000000 bytes"):
		xml.parse(document(COMMON + "<note>" + "x" * 10_000_000 + "</note>"))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-7", "unknown", "cp037"])
def test_other_encodings_are_refused(encoding):
	said = document().decode().replace("UTF-8", encoding)
	with pytest.raises(BadDocument):
		xml.parse(said.encode(encoding if encoding not in ("unknown", "cp037") else "utf-8"))


def test_a_document_type_in_utf_16_is_refused():
	with pytest.raises(BadDocument):
		xml.parse(f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]>{HEAD}&x;</alert>'.encode("utf-16"))


def test_latin_1_is_read():
	said = document(COMMON + INFO.replace("rises", "r\u00edo")).decode().replace("UTF-8", "ISO-8859-1")
	alert = reading.read(xml.parse(said.encode("latin-1")))
	assert alert.infos[0].description == "The river r\u00edo."


def test_a_byte_order_mark_and_comments_are_let_pass():
	alert = reading.read(xml.parse(b"\xef\xbb\xbf" + document(COMMON.replace("A-1", "A<!-- x -->-1") + INFO)))
	assert alert.identifier == "A-1"


@pytest.mark.parametrize(
	("written", "read"),
	[
		("Stay &lt;b&gt;inside&lt;/b&gt; now", "Stay inside now"),
		("a &lt;img src=x onerror=alert(1)&gt; b", "a b"),
		("&amp;lt;script&amp;gt;x&amp;lt;/script&amp;gt;", "x"),
		("&lt;script", "‹script"),
		("5 &lt; 6 &amp; 7", "5 < 6 & 7"),
		("\u202egnp.exe\u202c and \u2066isolated\u2069", "gnp.exe and isolated"),
		("one\n\n\n\n\ntwo\t three", "one\n\ntwo three"),
		("{{ recipient_name }}", "{{ recipient_name }}"),
	],
)
def test_words_are_plain(written, read):
	alert = reading.read(xml.parse(document(COMMON + INFO.replace("The river rises.", written))))
	assert alert.infos[0].description == read


def test_words_are_bounded():
	long = "word " * 8_000
	alert = reading.read(xml.parse(document(COMMON + INFO.replace("The river rises.", long))))
	assert len(alert.infos[0].description) <= reading.LONGEST


def test_elements_within_words_are_refused():
	with pytest.raises(BadDocument, match="description"):
		reading.read(xml.parse(document(COMMON + INFO.replace("river", "<b>river</b>"))))
