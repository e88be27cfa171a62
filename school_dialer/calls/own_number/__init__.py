"""The phone number of a Desk user, for test calls and texts.

Typing a number proves nothing. A six-digit code goes to it once, and the user who reads the code back holds
the phone. A number on someone else's record is refused, and so is a number that has opted out of calls. A
test call is not consent: it writes nothing to the ledger.
"""
