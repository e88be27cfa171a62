"""A check of the school's own carrier account with the operator's own phone: what only a real account can show.

Five steps, each with a real call or text through the gate like any other: a call that is answered, a call left to voicemail, a text, STOP and
START. Nothing is bypassed: the operator's number is the one that they have verified with a code, opt-outs, hours and limits hold. What stays
is what happened: call logs, and the STOP and the START that they sent.
"""
