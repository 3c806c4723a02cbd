"""The command line: one file for each command, and only the invoked one is imported."""
