"""What do a family and the office write to each other?

One open Dialer Conversation for each number keeps, in order, what a person wrote that is no opt-out and no
answer to a question (`received`), the one acknowledgement a day (`acknowledgement`), and what staff answer
(`replies`). Texts arrive here from `calls.received`; anything else that a person says to the school can
arrive in the same way.
"""
