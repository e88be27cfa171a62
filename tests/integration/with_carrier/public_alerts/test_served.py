"""Anyone can read the feed, each alert, and the certificate, and nothing else."""

import frappe
import pytest
import requests

from dev.patience import PATIENCE
from school_dialer.base import clock
from school_dialer.public_alerts.cap import atom, signature, xml
from school_dialer.public_alerts.outgoing import publishing, served
from tests.integration.districts import district
from tests.integration.with_carrier.public_alerts.published import ask, emergency, published


def test_the_feed_and_its_alerts_are_for_anyone():
	doc = emergency()
	(row,) = published(doc)
	answer = ask(served.FEED)
	assert answer.status_code == 200 and answer.mimetype == "application/atom+xml"
	urls = [link.url for link in atom.links(xml.parse(answer.data), "https://x.example/")]
	assert any(url.endswith(f"/{served.FOLDER}/{row.name}.xml") for url in urls)
	one = ask(f"{served.FOLDER}/{row.name}.xml")
	assert one.data == row.xml.encode() and one.mimetype == "application/cap+xml"
	pem = ask(f"{served.FOLDER}/{served.CERTIFICATE}").data.decode()
	signature.verify(xml.parse(one.data), pem, clock.now())
	assert "PRIVATE" not in pem


def test_a_guest_reads_them_over_http(web):
	(row,) = published(emergency())
	feed = requests.get(f"{web}/{served.FEED}", timeout=PATIENCE)
	assert feed.status_code == 200 and row.name in feed.text
	one = requests.get(f"{web}/{served.FOLDER}/{row.name}.xml", timeout=PATIENCE)
	assert one.content == row.xml.encode() and one.headers["Content-Type"].startswith("application/cap+xml")
	again = requests.get(
		f"{web}/{served.FEED}", headers={"If-None-Match": feed.headers["ETag"]}, timeout=PATIENCE
	)
	assert (again.status_code, again.content) == (304, b"")
	assert requests.get(f"{web}/{served.FOLDER}/none.xml", timeout=PATIENCE).status_code == 404


def test_what_did_not_change_is_not_sent_again():
	(row,) = published(emergency())
	for path in (served.FEED, f"{served.FOLDER}/{row.name}.xml"):
		first = ask(path)
		again = ask(path, {"If-None-Match": first.headers["ETag"]})
		assert again.status_code == 304 and again.headers["ETag"] == first.headers["ETag"]
		since = ask(path, {"If-Modified-Since": first.headers["Last-Modified"]})
		assert since.status_code == 304
		assert "max-age" in first.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["no-such.xml", "../x.xml", "x.txt", "%2e%2e/site_config.json", "a b.xml"])
def test_no_other_address(path):
	assert ask(f"{served.FOLDER}/{path}").status_code == 404


def test_only_reading_and_not_too_often(monkeypatch):
	assert ask(served.FEED, method="POST").status_code == 405
	monkeypatch.setattr("school_dialer.website.alerts_page.MOST_AN_HOUR", 0)
	assert ask(served.FEED, ip="203.0.113.77").status_code == 429


def test_a_district_has_a_feed_for_each_school():
	with district("Oak", "Elm", committed=True, alert_area="Oak Hill") as (oak, elm):
		doc = emergency()
		(row,) = published(doc)
		frappe.db.set_value(publishing.DOCTYPE, row.name, "school", oak)
		frappe.db.commit()

		def names(school: str) -> bool:
			answer = ask(f"{served.FEED}?school={school.replace(' ', '%20')}")
			assert answer.status_code == 200
			return row.name in answer.data.decode()

		assert names(oak) and not names(elm)
		assert row.name in ask(served.FEED).data.decode()
		assert ask(f"{served.FEED}?school=None").status_code == 404
		frappe.db.set_value(publishing.DOCTYPE, row.name, "school", None)
		frappe.db.set_value(publishing.DOCTYPE, row.name, "schools", f'["{elm}"]')
		frappe.db.commit()
		assert names(elm) and not names(oak)
