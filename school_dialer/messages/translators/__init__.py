"""Drafts by a machine, in languages that lack words. A person accepts a draft before it is ever spoken.

Only the words of messages and details are sent to a translator, without what `protected` keeps back.
"""
