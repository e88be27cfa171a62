"""How fast, and when to stop: one stream of requests for each of the carrier's limits (`pacer`), what a
campaign may still claim (`limits`), the circuit breaker that pauses what the carrier refuses
(`circuit_breaker`), and numbers that rest (`resting_numbers`).
"""
