"""What a model is asked beside the review: words for log lines and lessons, and queries for what a fix mended."""
