"""Which alerts concern the school, and what is read from an Atom feed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from school_dialer.public_alerts.cap import atom, xml
from school_dialer.public_alerts.cap.model import Area
from school_dialer.public_alerts.cap.xml import BadDocument
from school_dialer.public_alerts.incoming import filters
from school_dialer.public_alerts.incoming.filters import Wanted
from tests.unit.public_alerts.alerts import NOW, alert

PLACE = Area("Riverside County; Corona", (("SAME", "006065"), ("UGC", "CAZ048")))


@pytest.mark.parametrize(
	("line", "fits"),
	[
		("riverside", True),
		("CORONA", True),
		("Orange", False),
		("SAME=006065", True),
		("same = 006065", True),
		("SAME=00606", False),
		("SAME=0060*", True),
		("UGC=CAZ*", True),
		("FIPS=006065", False),
	],
)
def test_areas(line, fits):
	assert filters.fits(line, PLACE) is fits


def test_lines_that_fit_nearly_everything_are_found():
	assert filters.too_short(["Riverside", "SAME=0*"]) == "SAME=0*"
	assert filters.too_short(["a"]) == "a"
	assert filters.too_short(["SAME=006065", "Corona"]) is None


@pytest.mark.parametrize(
	("least", "takes"), [("", True), ("Minor", True), ("Severe", True), ("Extreme", False)]
)
def test_severity(least, takes):
	assert Wanted(least).takes(alert()) is takes


def test_an_unknown_severity_is_taken_only_without_a_limit():
	unknown = alert(infos=(replace(alert().infos[0], severity="Unknown"),))
	assert Wanted("").takes(unknown) and not Wanted("Minor").takes(unknown)


@pytest.mark.parametrize(
	("changes", "current"),
	[
		({}, True),
		({"status": "Exercise"}, False),
		({"status": "Test"}, False),
		({"status": "Draft"}, False),
		({"scope": "Private"}, False),
		({"kind": "Ack"}, False),
		({"kind": "Cancel"}, True),
		({"kind": "Cancel", "infos": (), "sent_at": NOW - timedelta(days=3)}, False),
		({"sent_at": NOW - timedelta(hours=11)}, True),
		({"infos": (), "sent_at": NOW - timedelta(days=3)}, False),
		({"infos": (replace(alert().infos[0], expires=NOW - timedelta(minutes=1)),)}, False),
	],
)
def test_what_is_current(changes, current):
	assert filters.is_current(alert(**changes), NOW) is current


def test_an_alert_from_the_future_is_refused():
	with pytest.raises(BadDocument, match="future"):
		filters.is_current(alert(sent_at=NOW + timedelta(hours=2)), NOW)


def test_our_feed_is_read_again():
	entry = atom.Entry("a1", "Fire & smoke", "Alert", "https://x.example/dialer-alerts/a1.xml", NOW)
	root = xml.parse(atom.feed("https://x.example/dialer-alerts.xml", "T", "A", NOW, [entry]))
	(link,) = atom.links(root, "https://x.example/dialer-alerts.xml")
	assert link.url == entry.url and len(link.version) == 32


@pytest.mark.parametrize(
	("links", "url"),
	[
		('<link href="/one"/>', "https://x.example/one"),
		('<link rel="self" href="/self"/><link href="/one"/>', "https://x.example/one"),
		('<link href="/page"/><link type="application/cap+xml" href="/cap"/>', "https://x.example/cap"),
		('<link rel="self" href="/self"/>', None),
		("", None),
		('<link href="https://[bad"/>', None),
		(f'<link href="/{"x" * 600}"/>', None),
	],
)
def test_links_of_a_feed(links, url):
	body = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id>{links}</entry></feed>'
	found = atom.links(xml.parse(body.encode()), "https://x.example/feed")
	assert [one.url for one in found] == ([url] if url else [])


def test_a_page_is_no_feed():
	with pytest.raises(BadDocument, match="neither"):
		atom.links(xml.parse(b"<html><body>Moved</body></html>"), "https://x.example/")


def test_a_changed_entry_is_a_new_version():
	def version(updated: str) -> str:
		entry = f'<entry><id>1</id><updated>{updated}</updated><link href="/a"/></entry>'
		body = f'<feed xmlns="http://www.w3.org/2005/Atom">{entry}</feed>'
		return atom.links(xml.parse(body.encode()), "https://x.example/")[0].version

	assert version("2026-11-28T12:00:00Z") != version("2026-11-28T12:05:00Z")
