"""The rules of CAP 1.2: each part where, as often, and of the kind that the standard says."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.public_alerts.cap import reading, schema, writing, xml
from school_dialer.public_alerts.cap.model import Reference
from school_dialer.public_alerts.cap.xml import BadDocument
from tests.unit.public_alerts.alerts import COMMON, HEAD, INFO, NOW, START, alert, document

ALL = (
	START
	+ "<status>Actual</status><msgType>Update</msgType><source>x</source><scope>Restricted</scope>"
	+ "<restriction>r</restriction><addresses>a</addresses><code>c</code><code>d</code><note>n</note>"
	+ "<references>weather@example.org,A-0,2026-11-28T03:50:00-08:00</references><incidents>i</incidents>"
	+ "<info><language>es</language><category>Geo</category><category>Other</category><event>e</event>"
	+ "<responseType>Shelter</responseType><responseType>None</responseType><urgency>Future</urgency>"
	+ "<severity>Minor</severity><certainty>Likely</certainty><audience>a</audience>"
	+ "<eventCode><valueName>a</valueName><value>b</value></eventCode>"
	+ "<effective>2026-11-28T03:55:00-08:00</effective><onset>2026-11-28T03:55:00+00:00</onset>"
	+ "<expires>2026-11-29T03:55:00-00:00</expires><senderName>s</senderName><headline>h</headline>"
	+ "<description>d</description><instruction>i</instruction><web>w</web><contact>c</contact>"
	+ "<parameter><valueName>a</valueName><value>b</value></parameter>"
	+ "<resource><resourceDesc>r</resourceDesc><mimeType>m</mimeType><size>1</size><uri>u</uri>"
	+ "<derefUri>d</derefUri><digest>d</digest></resource>"
	+ "<area><areaDesc>a</areaDesc><polygon>1,2 3,4 5,6 1,2</polygon><circle>1,2 3</circle>"
	+ "<geocode><valueName>a</valueName><value>b</value></geocode><altitude>1.5</altitude>"
	+ "<ceiling>2</ceiling></area></info>"
)


def read(inner: str, head: str = HEAD):
	return reading.read(xml.parse(document(inner, head)))


def test_everything_that_the_standard_has_is_read():
	found = read(ALL)
	assert found.kind == "Update" and found.references == (
		Reference("weather@example.org", "A-0", "2026-11-28T03:50:00-08:00"),
	)
	assert found.infos[0].language == "es" and found.expires == NOW.replace(day=29, hour=3, minute=55)
	assert read(COMMON).infos == ()


@pytest.mark.parametrize(
	"head",
	[
		"<alert>",
		'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.1">',
		'<alert xmlns="http://www.w3.org/2005/Atom">',
	],
)
def test_other_namespaces_are_refused(head):
	with pytest.raises(BadDocument, match="not an alert of CAP"):
		read(COMMON + INFO, head)


@pytest.mark.parametrize(
	("part", "instead"),
	[
		("<identifier>A-1</identifier>", ""),
		("<identifier>A-1</identifier>", "<identifier>A-1</identifier><identifier>A-2</identifier>"),
		("<identifier>A-1</identifier>", "<identifier>A 1</identifier>"),
		("<identifier>A-1</identifier>", "<identifier>A,1</identifier>"),
		("<identifier>A-1</identifier>", "<identifier></identifier>"),
		("weather@example.org", "we&lt;ather"),
		("<scope>Public</scope>", ""),
		("<scope>Public</scope>", "<scope>Private</scope>"),
		("<scope>Public</scope>", "<scope>Restricted</scope>"),
		("<scope>Public</scope>", "<scope>Public</scope><source>late</source>"),
		("<scope>Public</scope>", '<scope>Public</scope><x xmlns="urn:x"/>'),
		("<scope>Public</scope>", "<scope>Public</scope><references>a,b</references>"),
		("Actual", "actual"),
		("<msgType>Alert</msgType>", "<msgType>Warn</msgType>"),
		("<event>Flood</event>", ""),
		("<event>Flood</event>", "<event></event>"),
		("<category>Met</category>", ""),
		("<category>Met</category>", "<category>Weather</category>"),
		("<severity>Severe</severity>", "<severity>Very severe</severity>"),
		("<areaDesc>Riverside County</areaDesc>", ""),
		("<value>006065</value>", ""),
		("<language>en-US</language>", "<language>not a language</language>"),
		("<category>Met</category>", "<category> Met </category>"),
		("<category>Met</category>", '<category a="b">Met</category>'),
		("<info>", '<info a="b">'),
		("<info>", "<info>Flood"),
		("</area>", "</area>Flood"),
		("<areaDesc>Riverside County</areaDesc>", "<areaDesc/>"),
	],
)
def test_what_breaks_a_rule_is_refused(part, instead):
	assert part in COMMON + INFO
	with pytest.raises(BadDocument):
		read((COMMON + INFO).replace(part, instead))


@pytest.mark.parametrize(
	("part", "instead"),
	[
		("<value>006065</value>", "<value/>"),
		("<valueName>SAME</valueName>", "<valueName></valueName>"),
		("<headline>Flood warning</headline>", "<headline></headline>"),
		("<info>", "<info>\n\t<!-- first -->\n"),
		("</area>", "<altitude>.5</altitude><ceiling>5.</ceiling></area>"),
		("</sent>", "\n</sent>"),
	],
)
def test_what_agencies_write_and_the_schema_allows_is_read(part, instead):
	assert part in COMMON + INFO
	assert read((COMMON + INFO).replace(part, instead)).infos[0].event == "Flood"


def test_the_place_of_the_schema_may_be_named():
	named = (
		'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2" '
		'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:x x.xsd">'
	)
	assert read(COMMON + INFO, named).identifier == "A-1"


@pytest.mark.parametrize(
	"time",
	[
		"2026-11-28T03:55:00Z",
		"2026-11-28T03:55:00",
		"2026-11-28 03:55:00-08:00",
		"2026-11-28T03:55:00.5-08:00",
		"2026-02-30T03:55:00-08:00",
		"2026-11-28T25:55:00-08:00",
		"2026-11-28T03:55:00-99:00",
		"2026-11-28T03:55:00-14:30",
		"20261128",
		"yesterday",
		"",
	],
)
def test_other_times_are_refused(time):
	assert schema.moment(time) is None
	with pytest.raises(BadDocument, match="sent"):
		read((COMMON + INFO).replace("2026-11-28T03:55:00-08:00", time))


@given(st.text(max_size=400))
def test_words_come_back_plain_and_bounded(text):
	said = reading.words(text, 100)
	assert len(said) <= 100 and not any(ord(one) < 32 and one not in "\n" for one in said)


def test_what_we_write_is_read_again():
	written = alert(kind="Cancel", references=(Reference("a", "b", writing.written(NOW)),))
	found = reading.read(xml.parse(writing.document(writing.element_of(written))))
	assert found == written and found.expires == NOW + timedelta(hours=12)


def test_what_we_write_keeps_the_rules():
	with pytest.raises(BadDocument):
		writing.element_of(alert(sender="two words"))
