"""What visitors get: the API's responses as bytes, and the shared cache that keeps them.

A run renders the new version's responses here and writes them to the cache; a worker of the API renders the same ones for itself.
"""
