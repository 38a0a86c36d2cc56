"""What a service is made of, and which services are installed.

`contract` has the values of which a service's folder consists, and `registry` finds the folders by their entry points, the packaged ones
like those of other packages. `reading` reads a stored list by the source that it came from.
"""
