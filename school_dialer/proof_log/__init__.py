"""The proof log: an append-only Merkle tree (RFC 6962) over consent events, decisions and disclosures.

Hourly signed checkpoints name its size and root. Each that is kept elsewhere proves to outsiders, without any
secret of this site, that nothing it covers was changed since.
"""
