"""States worth looking at, made through the portal's own services in a process of their own.

``python -m e2e.world prepare`` runs before the portal does, so that no worker meets a file half
way; ``python -m e2e.world settle`` runs beside it. Each prints one JSON object on its last line:
what things are called in ``e2e.pages``, and their keys in the database.
"""
