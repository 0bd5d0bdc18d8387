// Where agents find out how to connect (RFC 8414): the path of the issuer, /api/auth, comes last.
import { oauthProviderAuthServerMetadata } from "@better-auth/oauth-provider";
import { auth } from "@/lib/auth";

const headers = { "Access-Control-Allow-Origin": "*" }; // for agents that run in a browser

export const GET = oauthProviderAuthServerMetadata(auth, { headers });
