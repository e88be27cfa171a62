"""The verifying algorithms of RFC 9162 (2.1.3.2 and 2.1.4.2), which share no code with the log."""

from hashlib import sha256


def leaf(data: bytes) -> bytes:
	return sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
	return sha256(b"\x01" + left + right).digest()


def head(hashes: list[bytes]) -> bytes:
	"""Return the Merkle tree hash by its definition in RFC 6962, 2.1."""
	if not hashes:
		return sha256(b"").digest()
	if len(hashes) == 1:
		return hashes[0]
	half = 1
	while half * 2 < len(hashes):
		half *= 2
	return node(head(hashes[:half]), head(hashes[half:]))


def includes(index: int, size: int, hashed: bytes, proof: list[bytes], root: bytes) -> bool:
	if index >= size:
		return False
	fn, sn, r = index, size - 1, hashed
	for p in proof:
		if sn == 0:
			return False
		if fn & 1 or fn == sn:
			r = node(p, r)
			while not fn & 1 and fn:
				fn, sn = fn >> 1, sn >> 1
		else:
			r = node(r, p)
		fn, sn = fn >> 1, sn >> 1
	return sn == 0 and r == root


def is_consistent(first: int, second: int, old: bytes, new: bytes, proof: list[bytes]) -> bool:
	if first == second:
		return not proof and old == new
	path = list(proof)
	if first & (first - 1) == 0:
		path.insert(0, old)
	if not path:
		return False
	fn, sn = first - 1, second - 1
	while fn & 1:
		fn, sn = fn >> 1, sn >> 1
	fr = sr = path[0]
	for c in path[1:]:
		if sn == 0:
			return False
		if fn & 1 or fn == sn:
			fr, sr = node(c, fr), node(c, sr)
			while not fn & 1 and fn:
				fn, sn = fn >> 1, sn >> 1
		else:
			sr = node(sr, c)
		fn, sn = fn >> 1, sn >> 1
	return sn == 0 and fr == old and sr == new
