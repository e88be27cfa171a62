"""Opt-outs and consent where agents work: on tickets, people's records and mail.

`actions` are the agents' methods, `mail` reads messages that ask to stop, `registrar` asks for wrong numbers
to be corrected, and `timeline` and `connections` show calls on people's records.
"""
