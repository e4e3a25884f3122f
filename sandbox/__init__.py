"""A practice MAGDA: an FTPS server that behaves as the public pages say MAGDA does.

It stands alone. It imports nothing of the portal, so that a mistake in the portal's FTPS, X.509
or XML code cannot be made a second time by the server that has to reveal it.
"""
