"""When to look at what: arithmetic only, on monotonic seconds that are handed in.

`budget` keeps the hourly allowance, `backoff` the pauses after faults, `operations` chooses the next look
at the queue, `rounds` the rhythm of the services that are read as lists.
"""
