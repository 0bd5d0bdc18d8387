"""POST /api/mcp, requested as an agent does."""
