"""Fault injection: real failures of the database, the network, processes and clients."""
