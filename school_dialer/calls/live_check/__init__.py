"""Test the school's own carrier account with the operator's phone: what only a live account can show.

There are five steps, each with a real call or text through the gate: an answered call, a call that goes to
voicemail, a text, STOP and START. Nothing is bypassed. The operator's number is the one they verified with a
code, and opt-outs, calling hours and limits apply. What remains is a record of what happened: call logs, and
the STOP and START the operator sent.
"""
