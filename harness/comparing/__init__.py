"""From the records of runs to figures and verdicts. Pure: nothing here asks a model or writes a file."""
