"""A web server on this machine for tests of what fetches pages and asks services."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.unit.own_certificate import certificate


class Handler(BaseHTTPRequestHandler):
	"""What the servers of tests answer. Each test file adds its `do_GET` or `do_POST`."""

	def trickle(self) -> None:
		"""Send a byte at a time until the server ends."""
		while not self.server.stopped.wait(0.05):
			try:
				self.wfile.write(b"x")
				self.wfile.flush()
			except OSError:
				return

	def log_message(self, *_args) -> None:
		pass


class Server(ThreadingHTTPServer):
	def __init__(self, handler: type[Handler]):
		super().__init__(("127.0.0.1", 0), handler)
		self.stopped = threading.Event()

	def handle_error(self, request, client_address) -> None:
		"""A client that goes away is what some tests are about."""


@contextmanager
def served(handler: type[Handler], folder=None) -> Iterator[tuple[int, str | None]]:
	"""Serve during the block. Yield the port and the path of the certificate, which is in `folder`.

	Without a folder the server has no TLS.
	"""
	server, cert = Server(handler), None
	if folder:
		cert, key = certificate(folder)
		context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
		context.load_cert_chain(cert, key)
		server.socket = context.wrap_socket(server.socket, server_side=True)
	threading.Thread(target=server.serve_forever, daemon=True).start()
	try:
		yield server.server_address[1], cert
	finally:
		server.stopped.set()
		server.shutdown()
