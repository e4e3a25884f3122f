"""The work that people come for, from the overview to the end, in the browser."""
