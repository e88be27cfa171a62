"""What a teacher may send: to which groups, with which words, how often, and at which hours.

A teacher's message is a Dialer Campaign with the field `teacher`. `campaigns.teacher_messages` makes it, and
everything here is asked again until its last call is placed (`standing`).
"""
