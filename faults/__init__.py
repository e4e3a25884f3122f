"""The fault bench: proves with real processes and exact faults that nothing is lost or sent twice.

``python -m faults`` runs it, on a data folder, a database and a broker of its own.
"""
