"""The service watches itself as it preaches: one trace through all that a request causes, logs in JSON, metrics."""
