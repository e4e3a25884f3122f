"""One module for each line of the table, and the list of them in :mod:`bench.lines.all`."""
