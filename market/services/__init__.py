"""One step of a task's way is one function and one transaction."""
