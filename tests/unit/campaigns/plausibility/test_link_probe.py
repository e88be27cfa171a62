"""Links are asked over HTTPS at public addresses only, and for a short time."""

import pytest

from school_dialer.campaigns.plausibility import link_probe
from school_dialer.campaigns.plausibility.link_probe import PUBLIC, NotAsked, Rules, answers, public_address
from tests.unit.local_server import Handler, served

ASKED: list[tuple[str, str]] = []


class Pages(Handler):
	"""/gone is 404, /members 401, /down 503, /get-only 405 to HEAD.

	/away redirects to where the query says.
	"""

	def answer(self) -> None:
		ASKED.append((self.command, self.path))
		path, _mark, query = self.path.partition("?")
		status = {"/gone": 404, "/members": 401, "/down": 503, "/away": 302}.get(path, 200)
		if path == "/get-only" and self.command == "HEAD":
			status = 405
		self.send_response(status)
		if status == 302:
			self.send_header("Location", query)
		self.end_headers()
		if self.command == "GET":
			self.wfile.write(b"x" * 1_000)

	do_GET = do_HEAD = answer


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
	"""Yield the rules that let this machine be asked at the port of a server with its own certificate."""
	with served(Pages, tmp_path_factory.mktemp("tls")) as (port, cert):
		yield Rules(port, lambda _address: True, cert)


@pytest.mark.parametrize(
	("path", "found"),
	[
		("/", True),
		("/members", True),
		("/get-only", True),
		("/gone", False),
		("/down", False),
		("/away?/", True),
		("/away?/gone", False),
		("/away?/away?/", True),
		("/away?http://localhost/", False),
		("/away?https://user:word@localhost/", False),
		("/away?https://localhost:1/", False),
	],
)
def test_what_answers(pages, path, found):
	assert answers(f"https://localhost{path}", pages) is found


def test_head_is_asked_first(pages):
	ASKED.clear()
	assert answers("https://localhost/first", pages)
	assert ASKED == [("HEAD", "/first")]


def test_a_redirect_is_judged_like_a_link(pages):
	"""The second address is not public, so the second server is not asked."""
	allowed = iter([True, False])
	rules = Rules(pages.port, lambda _address: next(allowed, False), pages.ca_certs)
	ASKED.clear()
	assert answers("https://127.0.0.1/away?https://127.0.0.1/inside", rules) is False
	assert [path for _method, path in ASKED] == ["/away?https://127.0.0.1/inside"]


def test_redirects_end(pages):
	ASKED.clear()
	answers("https://localhost/away?/away?/away", pages)
	assert len(ASKED) <= 2 * (link_probe.MOST_REDIRECTS + 1)


def test_an_unknown_certificate_does_not_count(pages):
	assert answers("https://localhost/", Rules(pages.port, lambda _address: True)) is False


@pytest.mark.parametrize(
	"url",
	[
		"http://localhost/",
		"https://127.0.0.1/",
		"https://[::1]/",
		"https://[::ffff:127.0.0.1]/",
		"https://10.0.0.1/",
		"https://192.168.1.1/",
		"https://169.254.169.254/latest/meta-data/",
		"https://localhost:8443/",
		"https://user@localhost/",
		"https://0x7f000001/",
		"https://2130706433/",
		"https://[64:ff9b::7f00:1]/",
		"https:///",
		"https://[",
		"https://x.invalid/",
		"file:///etc/passwd",
		"gopher://localhost/",
	],
)
def test_what_is_never_asked(url):
	assert answers(url, PUBLIC) is False


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.1.2.3", "169.254.169.254"])
def test_an_address_inside_is_not_public(host):
	with pytest.raises(NotAsked):
		public_address(host, PUBLIC)
