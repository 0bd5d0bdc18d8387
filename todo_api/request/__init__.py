"""What belongs to one request: its context, its log line, its metrics."""
