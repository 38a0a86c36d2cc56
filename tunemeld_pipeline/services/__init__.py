"""The services, one folder each: who publishes a list or a count, how it is read, and how the sandbox plays it.

A folder's `__init__` declares the service, its sources and its counts, and is all that is imported of it to know the service. Beside it are
`formats` (which values its answers hold), the clients that call it, and `sandbox`. Folders are found by their entry points, like those of
other packages; no code outside names one.
"""
