"""Where the reviewer meets people and programs; each is thin: a request, the one pipeline, a rendering."""
