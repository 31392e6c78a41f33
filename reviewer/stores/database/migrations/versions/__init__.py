"""The steps by which the tables came to be; each is kept for ever and never changed."""
