"""Servers that tests talk to: ProFTPD, an HTTP CONNECT proxy, and a scripted misbehaving one."""
