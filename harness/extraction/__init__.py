"""What a task of kind `fields` is about: the schema of its answers, its fields, and their canonical text."""
