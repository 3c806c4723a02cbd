"""A run's strategy over HTTP: `harness serve`."""
