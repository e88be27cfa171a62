"""What is ready for an emergency before there is one, and how it is started from a phone.

`item_seal` holds an item to what was approved, `offered` shows what a user may start, `starting` starts it
once however often the request arrives, and `progress` tells how it goes.
"""
