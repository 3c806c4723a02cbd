"""A run's strategy as a folder that answers without the harness: `harness export`."""
