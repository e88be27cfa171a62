"""Conversations on tickets: Helpdesk's HD Ticket or ERPNext's Issue, if Dialer Settings say so.

A conversation that waits opens one ticket (`upkeep`). Each of its messages is a communication on the ticket,
which the message names, so that the two are one record. A reply on the ticket is a reply in the conversation
(`answers`), and closing one closes the other (`closing`). Who may not read the conversation may not read the
ticket (`readers`). The family has no e-mail address there, so that no mail goes to it (`no_mail`).
"""
