"""`python -m harness`, where the script is not on the path."""

from harness.cli.main import main

main()
