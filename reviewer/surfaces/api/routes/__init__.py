"""The routes, one file a group; each offers a `router`."""
