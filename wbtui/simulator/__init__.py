"""A simulated Wordbee, run as its own process: three services on loopback that behave as documented.

It imports nothing from the rest of the program and was written from the vendor's pages alone, so that client
and simulation agree only where both follow the documentation. `World` holds all state and is advanced to a
time by its owner; `Api` maps requests to replies; `http` serves it on the network.
"""
