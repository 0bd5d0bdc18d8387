"""State and output of one request: its context, its log line, its metrics."""
