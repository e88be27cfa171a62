"""Feeds are fetched over HTTPS from public addresses only, and bounded in size, time, and redirects."""

import pytest

from school_dialer.base.bounds.public_web import PUBLIC, Rules
from school_dialer.public_alerts.cap.xml import SIZE
from school_dialer.public_alerts.incoming import fetching
from school_dialer.public_alerts.incoming.fetching import NotFetched, fetch
from tests.unit.local_server import Handler, served

ASKED: list[str] = []


class Answers(Handler):
	"""/away redirects to where the query says; /slow and /slow-head send a byte at a time until the end."""

	def do_GET(self) -> None:
		ASKED.append(self.path)
		path, _mark, query = self.path.partition("?")
		if path == "/slow-head":
			self.trickle()
			return
		status = {"/gone": 404, "/away": 302}.get(path, 200)
		if path == "/same" and self.headers.get("If-None-Match") == '"one"':
			status = 304
		self.send_response(status)
		self.send_header("ETag", '"one"')
		if status == 302:
			self.send_header("Location", query)
		if path == "/packed":
			self.send_header("Content-Encoding", "gzip")
		self.end_headers()
		if path == "/slow":
			self.trickle()
		elif path == "/big":
			self.wfile.write(b"x" * (SIZE + 1))
		elif status == 200:
			self.wfile.write(b"<alert/>")


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
	with served(Answers, tmp_path_factory.mktemp("tls")) as (port, cert):
		yield Rules(port, lambda _address: True, cert)


def test_what_comes(rules):
	found = fetch("https://localhost/feed", rules)
	assert (found.content, found.etag, found.url) == (b"<alert/>", '"one"', "https://localhost/feed")


def test_what_did_not_change_is_not_sent_again(rules):
	assert fetch("https://localhost/same", rules, {"If-None-Match": '"one"'}).content is None


def test_a_redirect_is_followed(rules):
	assert fetch("https://localhost/away?/feed", rules).url == "https://localhost/feed"


@pytest.mark.parametrize(
	("path", "reason"),
	[
		("/gone", "HTTP 404"),
		("/big", "bytes"),
		("/packed", "compressed"),
		("/away?/away?/away?/away?/away", "too often"),
		("/away?http://localhost/", "not asked"),
		("/away?https://localhost:1/", "not asked"),
		("/away?file:///etc/passwd", "not asked"),
	],
)
def test_what_is_refused(rules, path, reason):
	with pytest.raises(NotFetched, match=reason):
		fetch(f"https://localhost{path}", rules)


@pytest.mark.parametrize("path", ["/slow", "/slow-head"])
def test_a_slow_server_is_left(rules, path):
	with pytest.raises(NotFetched, match="too long"):
		fetch(f"https://localhost{path}", rules, seconds=1.0)


@pytest.mark.parametrize(
	"inside", ["https://127.0.0.1/secret", "https://169.254.169.254/latest/meta-data/", "https://10.0.0.1/"]
)
def test_a_redirect_into_the_network_is_not_followed(rules, inside):
	"""The first address is let pass; each redirect is judged by the rules for public addresses."""
	first = iter([True])

	def allowed(address: str) -> bool:
		return next(first, False) or PUBLIC.allowed(address)

	ASKED.clear()
	with pytest.raises(NotFetched, match="not asked"):
		fetch(f"https://localhost/away?{inside}", Rules(rules.port, allowed, rules.ca_certs))
	assert len(ASKED) == 1


@pytest.mark.parametrize(
	"url",
	[
		"http://example.org/",
		"https://localhost/",
		"https://127.0.0.1/",
		"https://[::1]/",
		"https://169.254.169.254/",
		"https://192.168.1.1/",
		"https://user:word@example.org/",
		"https://example.org:8443/",
		"ftp://example.org/",
		"https://[",
	],
)
def test_what_is_never_asked(url):
	with pytest.raises(NotFetched):
		fetch(url)


def test_an_unknown_certificate_is_refused(rules):
	with pytest.raises(NotFetched, match="certificate"):
		fetch("https://localhost/", Rules(rules.port, lambda _address: True))


def test_the_bounds_are_short():
	assert fetching.MOST_SECONDS <= 20 and fetching.MOST_REDIRECTS <= 5 and SIZE <= 1_000_000
