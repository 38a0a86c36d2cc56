"""What a parser does with anything at all: bodies, files and requests, mutated from good ones byte by byte and value by value."""
