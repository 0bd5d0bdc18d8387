// The same for agents that ask in this way.
export { GET } from "../../../oauth-authorization-server/api/auth/route";
