"""Ways to run a task. `base` says what all have in common; each other module is one way."""
