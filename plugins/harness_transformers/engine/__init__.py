"""Answers requests with a causal model: closed questions by likelihood, open ones by generation."""
