"""The speed bench: the portal beside lftp, curl and bare libcurl, alternating, on one machine.

``python -m bench`` measures; ``python -m bench.seed`` fills a database for the lines that need
history. Nothing of the portal imports this package.
"""
