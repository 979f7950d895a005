"""A simulated Wordbee, run as its own process: three services on loopback that behave as documented.

It imports nothing from the rest of the program and was written from the vendor's pages alone, so that the
gateways meet it on the documents only. All state lives in `World`, which is moved through time by whoever
owns it; `Face` speaks for it in requests and replies, `http` puts the face on the network.
"""
