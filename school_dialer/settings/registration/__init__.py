"""What carriers and the law require before a school calls and texts.

This covers registered senders, a toll-free opt-out number in voicemail, an upgraded account, and what the
carrier reports about each.
"""
