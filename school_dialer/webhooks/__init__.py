"""What the carrier calls: the signature first, then one idempotent transaction, then the answer.

`twilio` has the addresses. `callback_fast_path` takes status callbacks, and answers for words and keys,
before Frappe does, for schools that get hundreds a second."""
