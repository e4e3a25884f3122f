"""What the portal is measured against; each does the bare work and nothing more."""
