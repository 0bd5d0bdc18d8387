import type { Metadata } from "next";
import { SignUp } from "@/components/sign-up";
import { type SearchParams, whenSignedOut } from "@/lib/agent-query";

export const metadata: Metadata = { title: "Create an account" };

export default async function SignUpPage({ searchParams }: { searchParams: SearchParams }) {
  return <SignUp agentQuery={await whenSignedOut(searchParams)} />;
}
