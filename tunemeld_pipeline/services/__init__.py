"""The services, one folder each: who publishes a list or a count, how it is read, and how the sandbox plays it."""
