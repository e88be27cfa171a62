"""A carrier to practice on: it speaks Twilio's REST dialect, and simulated people answer its calls.

It listens on the loopback interface only and connects to nothing else, so no real phone can ring. Start it
with ``python -m dev.carrier`` or, from Python, ``dev.carrier.server.start()``.
"""

API_VERSION = "2010-04-01"
