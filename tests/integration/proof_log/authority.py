"""A time stamp authority for tests: `openssl ts` behind a small HTTP server."""

import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from dev.patience import PATIENCE

CONFIG = """
[tsa]
serial = {folder}/serial
default_policy = 1.2.3.4.1
digests = sha256
signer_digest = sha256
ess_cert_id_alg = sha256
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
"""


class Authority:
	"""Answers at `url`. Set `spoil` to a function that changes (status, body) of what it answers."""

	def __init__(self, folder: Path):
		self.folder, self.spoil, self.asked = folder, lambda status, body: (status, body), 0
		self.certificate = folder / "tsa.pem"
		(folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))
		self.run(
			*("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "tsa.key"),
			*("-out", self.certificate, "-subj", "/CN=Test authority", "-days", "2"),
			*("-addext", "extendedKeyUsage=critical,timeStamping"),
		)
		self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
		threading.Thread(target=self.server.serve_forever, daemon=True).start()
		self.url = f"http://127.0.0.1:{self.server.server_port}/"

	def run(self, *arguments) -> None:
		command = ["openssl", *map(str, arguments)]
		subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)

	def reply(self, query: bytes) -> bytes:
		asked, answered = self.folder / "query", self.folder / "reply"
		asked.write_bytes(query)
		self.run(
			*("ts", "-reply", "-queryfile", asked, "-config", self.folder / "tsa.cnf", "-section", "tsa"),
			*("-signer", self.certificate, "-inkey", self.folder / "tsa.key", "-out", answered),
		)
		return answered.read_bytes()

	def verify(self, response: bytes, text: bytes) -> None:
		"""Raise CalledProcessError unless openssl takes the response for the text."""
		(self.folder / "response").write_bytes(response)
		(self.folder / "text").write_bytes(text)
		self.run(
			*("ts", "-verify", "-in", self.folder / "response", "-data", self.folder / "text"),
			*("-CAfile", self.certificate),
		)

	def handler(self):
		authority = self

		class Handler(BaseHTTPRequestHandler):
			def do_POST(self) -> None:
				authority.asked += 1
				query = self.rfile.read(int(self.headers["Content-Length"]))
				status, body = authority.spoil(200, authority.reply(query))
				self.send_response(status)
				self.send_header("Content-Type", "application/timestamp-reply")
				self.send_header("Location", authority.url)
				self.end_headers()
				self.wfile.write(body)

			def log_message(self, *_arguments) -> None:
				pass

		return Handler

	def stop(self) -> None:
		self.server.shutdown()
		self.server.server_close()
