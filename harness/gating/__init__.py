"""Whether a run is good enough to go on with: against limits, and against a baseline kept in git."""
