"""The HTTP client beneath Twilio's own: pooled, without redirects, and only to the carrier's hosts."""

import logging
import re
from os import environ
from urllib.parse import urlencode, urlsplit

import urllib3
from requests.adapters import HTTPAdapter
from requests.certs import where
from requests.utils import get_environ_proxies, select_proxy
from twilio.http import HttpClient as TwilioHttpClient
from twilio.http.response import Response
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from school_dialer.carriers.base import CarrierError, ConnectionFailed, Refused, ResponseUnknown

API = "https://api.twilio.com"
CONNECTIONS = 64
TWILIO_HOST = re.compile(r"(?:[a-z0-9-]+\.){1,3}twilio\.com")


class HttpClient(TwilioHttpClient):
	"""An HTTP client with one connection pool for all threads.

	It distinguishes a lost response from a connection that was never made.

	Twilio's own client keeps the latest response on itself, where threads would take each other's. It also
	opens new connections when more than a few are in use, and takes twice the time. Proxies and certificates
	come from the environment, as in Twilio's client.

	With a base URL (the simulated carrier), every request goes there and nowhere else, whatever host its
	address names, without a proxy. Without a base URL, only Twilio's own hosts are contacted, including those
	of TWILIO_EDGE and TWILIO_REGION.
	"""

	def __init__(self, base_url: str | None, timeout: float):
		super().__init__(logging.getLogger("school_dialer.twilio"), False, timeout)
		self.base_url = base_url
		self.pool = connections(None if base_url else API)

	def request(
		self,
		method,
		uri,
		params=None,
		data=None,
		headers=None,
		auth=None,
		timeout=None,
		allow_redirects=False,
	) -> Response:
		"""Send one request. Redirects are not followed, because they could lead to another host.

		Raises `ConnectionFailed` if no connection was made, `ResponseUnknown` if the response was lost, and
		`WrongHost` if the address is not the carrier's.
		"""
		url = self.address(uri)
		if params:
			url += f"{'&' if urlsplit(url).query else '?'}{urlencode(params, doseq=True)}"
		if auth:
			headers = headers | urllib3.make_headers(basic_auth=":".join(auth))
		try:
			answer = self.pool.urlopen(
				method,
				url,
				body=urlencode(data, doseq=True) if data else None,
				headers=headers,
				timeout=timeout or self.timeout,
				redirect=False,
				retries=False,
			)
		except (NewConnectionError, ConnectTimeoutError) as error:
			raise ConnectionFailed("The carrier cannot be reached.") from error
		except HTTPError as error:
			raise ResponseUnknown("The connection broke before the carrier's answer.") from error
		return Response(answer.status, answer.data.decode(errors="replace"), answer.headers)

	def address(self, url: str) -> str:
		"""Return the URL a request for this address is sent to.

		Raises `WrongHost`, before anything is sent, if it is not the carrier's.
		"""
		asked = urlsplit(url)
		if self.base_url:
			base = urlsplit(self.base_url)
			asked = asked._replace(
				scheme=base.scheme,
				netloc=base.netloc,
				path=f"{base.path.rstrip('/')}/{asked.path.lstrip('/')}",
				fragment="",
			)
			allowed = urlsplit(asked.geturl())[:2] == base[:2]
		else:
			allowed = asked.scheme == "https" and TWILIO_HOST.fullmatch(asked.hostname or "")
		if not allowed:
			raise WrongHost("The address is not the carrier's.")
		return asked.geturl()

	def download(self, url: str, auth: tuple[str, str], most: int) -> Response:
		"""Return the raw bytes at a URL of this server in the response's ``content``.

		Redirects are not followed.

		Raises `Refused` if there are more than ``most`` bytes, without reading further.
		"""
		try:
			answer = self.pool.urlopen(
				"GET",
				self.address(url),
				headers=urllib3.make_headers(basic_auth=":".join(auth)),
				timeout=self.timeout,
				redirect=False,
				retries=False,
				preload_content=False,
			)
			content = answer.read(most + 1)
			answer.close()
		except HTTPError as error:
			raise ConnectionFailed("The recording could not be fetched from the carrier.") from error
		if answer.status == 200 and len(content) > most:
			raise Refused(f"The recording is larger than {most} bytes.")
		return Response(answer.status, content)


class WrongHost(CarrierError):
	"""The address is not the carrier's. Nothing was sent."""


def connections(url: str | None) -> urllib3.PoolManager:
	"""Return a connection pool to the server, or to the proxy the environment names for it.

	With None, no proxy is used.
	"""
	trusted = environ.get("REQUESTS_CA_BUNDLE") or environ.get("CURL_CA_BUNDLE") or where()
	certificates = {"ca_certs": trusted, "cert_reqs": "CERT_REQUIRED"}
	if proxy := url and select_proxy(url, get_environ_proxies(url)):
		return HTTPAdapter(pool_maxsize=CONNECTIONS).proxy_manager_for(proxy, **certificates)
	return urllib3.PoolManager(maxsize=CONNECTIONS, **certificates)
