"""What the service is measured with: `make bench`, README.md."""
