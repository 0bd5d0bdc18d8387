import type { Metadata } from "next";
import { TextLink } from "@/components/text-link";

export const metadata: Metadata = { title: "Your account is erased" };

export default function ErasedPage() {
  return (
    <>
      <h1 className="text-2xl font-semibold tracking-tight">Your account is erased</h1>
      <p className="mt-2 mb-6 text-muted">
        Nothing of it is stored any more. You can sign up again with the same email address.
      </p>
      <p>
        <TextLink href="/sign-up">Create a new account</TextLink>
      </p>
    </>
  );
}
