"""What follows a call or a reply: a text or an email in place of calls (`fallback`), and the confirmation of
an opt-out (`confirmations`).
"""
