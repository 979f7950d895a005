"""The one loop: it asks the pollers for the next look, merges the answer, publishes a snapshot, and waits.

Knows neither Textual nor HTTP: services and the store come in through `ports`.
"""
