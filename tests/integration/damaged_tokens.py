"""Secrets and tokens of links that someone changed, for tests that they open nothing."""

import base64


def flipped(token: str, place: int) -> str:
	"""Return the token with one bit changed in the byte at this place."""
	raw = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
	raw[place] ^= 1
	return base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("=")


DAMAGES = [
	lambda token: token[:-1],
	lambda token: token[:20],
	lambda token: token + "A",
	lambda token: token + "=",
	lambda token: token.swapcase(),
	lambda token: token[:-1] + chr(ord(token[-1]) + 1),
	lambda token: " " + token[1:],
	lambda token: "é" * len(token),
	lambda token: "\x00" * len(token),
	lambda token: "A" * 1_000_000,
	lambda token: "٣" * len(token),
]
