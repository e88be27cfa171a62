"""Checks that what is called is what was approved.

The approval request stores a digest of each part of the campaign: its audience, the content of the audience
file, the words in all languages, the recordings, and how it calls. The parts are compared at approval, before
each chunk is planned, and before each chunk is dialed. A part that differs stops the campaign, which then
waits for approval again. Its approvers and the requester are notified at once.
"""
