"""The second person of an emergency when none is at a desk: asked one after another, until one answers.

`on_call` is the list, `ladder` goes down it, `asking` sends a link or places a call, `links` reads a link,
`phone_line` is the call, and `deciding` is where each of them ends: that user approves the campaign as it was
sealed when they were asked.
"""
