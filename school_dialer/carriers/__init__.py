"""By whom calls are placed: a small protocol (`base`) and Twilio (`twilio`).

A carrier takes a permit and nothing less. Other apps add carriers with the hook `dialer_carriers`.
"""
