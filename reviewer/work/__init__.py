"""Works through the files of a review: on all processors, and not again where nothing has changed."""
