"""By whom calls are placed: a small protocol (`base`), Twilio (`twilio`), and SignalWire (`signalwire`).

A carrier takes a permit and nothing less. Other apps add carriers with the hook `dialer_carriers`.
"""
