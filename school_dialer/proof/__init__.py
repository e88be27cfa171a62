"""The check of an exported proof by outsiders: `python -m school_dialer.proof verify export.zip`.

A second implementation of the format in `docs/school/proof.md`. It shares no code with the room that writes
exports, imports no other room of the app and no Frappe, and needs no secret, site, or network. Besides the
standard library it uses `cryptography` for Ed25519, and the program openssl for the signatures of time
stamps.
"""
