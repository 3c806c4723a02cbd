"""Whether an endpoint still answers as it did: recorded prompts, asked again."""
