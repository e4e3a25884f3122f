"""What the misbehaving servers really put on the wire."""
