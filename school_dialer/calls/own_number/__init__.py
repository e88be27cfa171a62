"""The telephone number of a user of the Desk, for tests of calls and texts.

Nobody's number is taken from what is typed: a code of six digits goes there once, and who reads it back holds the phone. A number on the
record of somebody else is refused, and so is one that asked for no calls. A test call is no consent: nothing of it is in the ledger.
"""
