"""The server's addresses: who may ask, what is valid, how it is answered."""
