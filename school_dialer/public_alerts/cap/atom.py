"""Atom feeds of alerts (RFC 4287): ours as they are written, and those of others as they are read.

No Frappe.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from urllib.parse import urljoin

from lxml import etree

from school_dialer.base.wording import Wording as _
from school_dialer.public_alerts.cap.model import ATOM
from school_dialer.public_alerts.cap.writing import written
from school_dialer.public_alerts.cap.xml import BadDocument, text_of

CAP_TYPE = "application/cap+xml"
MOST_ENTRIES = 500
LONGEST_URL = 500


@dataclass(frozen=True, slots=True)
class Entry:
	"""One alert in our own feed."""

	identifier: str
	title: str
	summary: str
	url: str
	updated: datetime


@dataclass(frozen=True, slots=True)
class Link:
	"""Where an alert of another feed is. `version` changes when the feed says that the alert changed."""

	url: str
	version: str


def feed(own_url: str, title: str, author: str, updated: datetime, entries: Sequence[Entry]) -> bytes:
	"""Return an Atom feed. Times are aware."""
	root = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})
	_add(root, "id", own_url)
	_add(root, "title", title)
	_add(root, "updated", written(updated))
	_add(etree.SubElement(root, f"{{{ATOM}}}author"), "name", author)
	etree.SubElement(root, f"{{{ATOM}}}link", rel="self", type="application/atom+xml", href=own_url)
	for entry in entries:
		element = etree.SubElement(root, f"{{{ATOM}}}entry")
		_add(element, "id", entry.url)
		_add(element, "title", entry.title)
		_add(element, "updated", written(entry.updated))
		etree.SubElement(element, f"{{{ATOM}}}link", type=CAP_TYPE, href=entry.url)
		_add(element, "summary", entry.summary)
	return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _add(parent: etree._Element, name: str, text: str) -> None:
	etree.SubElement(parent, f"{{{ATOM}}}{name}").text = text


def links(root: etree._Element, base: str) -> list[Link]:
	"""Return where the alerts of this feed are, in its order. Raise `BadDocument`.

	An entry without a usable link is left out. `base` is the feed's own URL.
	"""
	if root.tag != f"{{{ATOM}}}feed":
		raise BadDocument(_("The document is neither an alert of CAP 1.2 nor an Atom feed."))
	entries = []
	for entry in root.findall(f"{{{ATOM}}}entry")[:MOST_ENTRIES]:
		url = _url(entry, base)
		if not url or len(url) > LONGEST_URL:
			continue
		parts = (url, text_of(entry.find(f"{{{ATOM}}}id")), text_of(entry.find(f"{{{ATOM}}}updated")))
		entries.append(Link(url, sha256("\n".join(parts).encode()).hexdigest()[:32]))
	return entries


def _url(entry: etree._Element, base: str) -> str:
	"""Return the link that is said to be an alert, or else the entry's only plain link."""
	rows = entry.findall(f"{{{ATOM}}}link")
	alerts = [row for row in rows if row.get("type", "") == CAP_TYPE]
	plain = [row for row in rows if row.get("rel", "alternate") == "alternate"]
	for row in (*alerts, *plain):
		try:
			return urljoin(base, row.get("href", "").strip())
		except ValueError:
			continue
	return ""
