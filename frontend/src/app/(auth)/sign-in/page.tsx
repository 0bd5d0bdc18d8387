import type { Metadata } from "next";
import { SignIn } from "@/components/sign-in";
import { type SearchParams, whenSignedOut } from "@/lib/agent-query";

export const metadata: Metadata = { title: "Sign in" };

export default async function SignInPage({ searchParams }: { searchParams: SearchParams }) {
  return <SignIn agentQuery={await whenSignedOut(searchParams)} />;
}
