"""What commands of the service call."""
