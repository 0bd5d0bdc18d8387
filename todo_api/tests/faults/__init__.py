"""What goes wrong around the service, done to it for real."""
