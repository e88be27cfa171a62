"""Test the school's own carrier account with the operator's phone: what only a live account can show.

The first step asks the carrier where texts and calls to the school's numbers go. Three call or text through
the gate: an answered call, a call that goes to voicemail, and a text. In the others the operator texts HELP,
STOP, 1, and START, and calls the school. More calls are made on request: to a silent listener, and with the
words for when the site is down. Nothing is bypassed. The operator's number is the one they verified
with a code, and opt-outs, calling hours and limits apply. What remains is a record of what happened: call
logs, and the STOP and START the operator sent.
"""
