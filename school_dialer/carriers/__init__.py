"""By whom calls are placed: a small protocol (`base`), Twilio (`twilio`), SignalWire (`signalwire`), and a
carrier that rings no phone (`pretend`).

A carrier takes a permit and nothing less. Other apps add carriers with the hook `dialer_carriers`.
"""
