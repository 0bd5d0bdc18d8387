"""POST /api/mcp: the tasks as tools for agents (Model Context Protocol, docs/agents.md, ADR 33)."""
