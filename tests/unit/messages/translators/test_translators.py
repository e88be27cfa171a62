"""LibreTranslate and DeepL against a real server, and what hostile answers come to."""

import json

import pytest

from school_dialer.base.bounds.public_web import Rules
from school_dialer.messages.translators import asking
from school_dialer.messages.translators.asking import own_network, post
from school_dialer.messages.translators.base import NotTranslated
from school_dialer.messages.translators.deepl import DeepL, target_of
from school_dialer.messages.translators.libretranslate import LibreTranslate, code_of
from tests.unit.local_server import Handler, served

ASKED: list[tuple[str, dict, dict]] = []
SPANISH = {"Hello <x>101</x> &amp; all": "Hola <x> 101 </x> &amp; todos"}
DEEP = '{"a":' * 200 + "1" + "}" * 200
STATUS = {"/401": 401, "/403": 403, "/429": 429, "/456": 456, "/400": 400, "/500": 500, "/away": 302}
ANSWERS = {
	"/no-json": b"<html>",
	"/deep": DEEP.encode(),
	"/big": b'"' + b"x" * asking.MOST_BYTES + b'"',
	"/empty": b"",
	"/text/translate": b'{"translatedText": "one text"}',
	"/few/translate": b'{"translatedText": []}',
	"/numbers/translate": b'{"translatedText": [1]}',
	"/list/translate": b"[]",
	"/rows/v2/translate": b'{"translations": ["x"]}',
	"/none/v2/translate": b'{"translations": null}',
}


class Answers(Handler):
	"""/slow sends a byte at a time until the end; /packed says that it is compressed."""

	def do_POST(self) -> None:
		body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
		ASKED.append((self.path, body, dict(self.headers)))
		if self.path == "/slow":
			return self.trickle()
		self.send_response(STATUS.get(self.path, 200))
		if self.path == "/away":
			self.send_header("Location", "https://localhost/elsewhere")
		if self.path == "/packed":
			self.send_header("Content-Encoding", "gzip")
		self.end_headers()
		found = ANSWERS.get(self.path)
		self.wfile.write(json.dumps(self.said(body)).encode() if found is None else found)

	def said(self, body: dict) -> dict:
		if self.path == "/v2/translate":
			return {"translations": [{"text": SPANISH.get(one, one)} for one in body["text"]]}
		return {"translatedText": [one.replace("Hello", "Hola") for one in body.get("q", [])]}


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
	with served(Answers, tmp_path_factory.mktemp("tls")) as (port, cert):
		yield Rules(port, lambda _address: True, cert)


@pytest.fixture(scope="module")
def plain():
	with served(Answers) as (port, _cert):
		yield f"http://127.0.0.1:{port}"


def made(kind, address: str, rules: Rules, key: str = "secret"):
	translator = kind(address, key)
	translator.rules = rules
	return translator


def test_libretranslate_of_the_own_network_is_asked_without_encryption(plain):
	found = made(LibreTranslate, f"{plain}/", own_network(plain))
	assert found.translate(["Hello ⟦101⟧ & <all>", "Hello"], "en", "zh-TW") == ["Hola ⟦101⟧ & <all>", "Hola"]
	path, body, _headers = ASKED[-1]
	assert path == "/translate" and body["q"][0] == "Hello <code>101</code> &amp; &lt;all&gt;"
	said = {name: body[name] for name in ("source", "target", "format", "api_key")}
	assert said == {"source": "en", "target": "zh-Hant", "format": "html", "api_key": "secret"}


def test_libretranslate_without_a_key_sends_none(plain):
	made(LibreTranslate, plain, own_network(plain), "").translate(["Hello"], "en", "es")
	assert "api_key" not in ASKED[-1][1]


def test_deepl_is_asked_with_its_key_in_a_header(rules):
	found = made(DeepL, "https://localhost", rules)
	assert found.translate(["Hello ⟦101⟧ & all"], "en-US", "pt") == ["Hola ⟦101⟧ & todos"]
	path, body, headers = ASKED[-1]
	assert path == "/v2/translate" and headers["Authorization"] == "DeepL-Auth-Key secret"
	assert (body["source_lang"], body["target_lang"], body["ignore_tags"]) == ("EN", "PT-BR", ["x"])


def test_deepl_takes_fifty_lines_at_a_time(rules):
	lines = [f"line {place}" for place in range(120)]
	before = len(ASKED)
	assert made(DeepL, "https://localhost", rules).translate(lines, "en", "es") == lines
	assert [len(body["text"]) for _path, body, _headers in ASKED[before:]] == [50, 50, 20]


def test_the_key_of_deepl_says_which_service_is_asked():
	assert (DeepL("", "a:fx").address, DeepL("", "a").address) == (
		"https://api-free.deepl.com",
		"https://api.deepl.com",
	)


@pytest.mark.parametrize(
	("language", "deepl", "libre"),
	[
		("es", "ES", "es"),
		("es-MX", "ES-419", "es"),
		("fr-CA", "FR", "fr"),
		("en-AU", "EN-US", "en"),
		("zh", "ZH-HANS", "zh-Hans"),
		("zh-TW", "ZH-HANT", "zh-Hant"),
	],
)
def test_languages_have_the_codes_of_each_service(language, deepl, libre):
	assert (target_of(language), code_of(language)) == (deepl, libre)


@pytest.mark.parametrize(
	("kind", "given"), [(DeepL, ("https://x.example", "")), (LibreTranslate, ("", "key"))]
)
def test_what_is_missing_is_said(kind, given):
	with pytest.raises(NotTranslated, match="Dialer Settings"):
		kind(*given)


@pytest.mark.parametrize(
	("path", "reason"),
	[
		("/401", "key"),
		("/403", "key"),
		("/429", "wait"),
		("/456", "used up"),
		("/400", "languages"),
		("/500", "HTTP 500"),
		("/away", "HTTP 302"),
		("/no-json", "no translation"),
		("/deep", "no translation"),
		("/big", "no translation"),
		("/empty", "no translation"),
		("/packed", "no translation"),
	],
)
def test_what_is_refused(rules, path, reason):
	before = len(ASKED)
	with pytest.raises(NotTranslated, match=reason):
		post(f"https://localhost{path}", {}, {}, rules)
	assert len(ASKED) == before + 1


@pytest.mark.parametrize(
	("kind", "path"),
	[
		(LibreTranslate, "/text"),
		(LibreTranslate, "/few"),
		(LibreTranslate, "/numbers"),
		(LibreTranslate, "/list"),
		(DeepL, "/rows"),
		(DeepL, "/none"),
	],
)
def test_an_answer_of_another_shape_is_refused(rules, kind, path):
	with pytest.raises(NotTranslated, match="no translation"):
		made(kind, f"https://localhost{path}", rules).translate(["Hello"], "en", "es")


def test_a_slow_server_is_left(rules):
	with pytest.raises(NotTranslated, match="too long"):
		post("https://localhost/slow", {}, {}, rules, seconds=1.0)


def test_an_unknown_certificate_is_refused(rules):
	with pytest.raises(NotTranslated, match="certificate"):
		post("https://localhost/", {}, {}, Rules(rules.port, lambda _address: True))


@pytest.mark.parametrize(
	"url",
	[
		"http://example.org/",
		"https://localhost/",
		"https://127.0.0.1/",
		"https://169.254.169.254/latest/",
		"https://10.0.0.1/",
		"https://example.org:5000/",
		"https://user:word@example.org/",
		"ftp://example.org/",
	],
)
def test_only_the_address_of_the_sites_configuration_may_be_in_the_own_network(url):
	with pytest.raises(NotTranslated, match="configuration"):
		post(url, {}, {})


@pytest.mark.parametrize("address", ["localhost:5000", "ftp://localhost", "http://", ""])
def test_what_is_no_address_of_the_own_network(address):
	with pytest.raises(NotTranslated, match="configuration"):
		own_network(address)


def test_a_key_that_no_header_can_hold_is_refused(rules):
	with pytest.raises(NotTranslated):
		post("https://localhost/", {}, {"Authorization": "a\r\nHost: x"}, rules)


def test_the_bounds_are_short():
	assert asking.MOST_SECONDS <= 30 and asking.MOST_BYTES <= 500_000
