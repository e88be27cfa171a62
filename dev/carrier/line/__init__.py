"""The far end of a call: what reaches it, machines with greetings, hang-ups, and what is recorded there."""
