"""When to look at what: pure arithmetic on monotonic seconds that the caller passes in.

`README.md` beside this file describes the model, its formulas and its constants.
"""
