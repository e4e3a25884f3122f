"""Whether a run did all that it was asked: a quick run that left something out is no run."""
