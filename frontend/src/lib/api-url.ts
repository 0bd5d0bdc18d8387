/** The URL of the API. It is included in the app at build time. */
export const API_URL = process.env.NEXT_PUBLIC_API_URL ?? "http://localhost:8000";

/** The address of the API's tools for agents, and the audience of an agent's tokens. */
export const TOOLS_URL = `${API_URL}/api/mcp`;
