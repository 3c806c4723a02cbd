"""From whatever holds rows to a provider's training files: `harness data prepare`."""
