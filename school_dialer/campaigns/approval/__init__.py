"""What was approved is what is called.

With the request for approval a digest of each part of a campaign is kept on it: whom it calls, the content of their file, the words in all
languages, the recordings, and how it calls. The parts are compared at the approval, at each chunk that is planned and at each chunk that
is dialed. A part that differs stops the campaign, which waits for approval again; its approvers and the person who asked hear of it at once.
"""
