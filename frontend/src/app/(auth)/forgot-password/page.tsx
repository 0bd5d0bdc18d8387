import type { Metadata } from "next";
import { connection } from "next/server";
import { ForgotPassword } from "@/components/forgot-password";
import { TextLink } from "@/components/text-link";
import { CAN_SEND_MAIL } from "@/lib/mail";

export const metadata: Metadata = { title: "Forgot your password?" };

export default async function ForgotPasswordPage() {
  await connection(); // whether mail can be sent is known when the app runs, not when it is built
  return (
    <>
      <h1 className="text-2xl font-semibold tracking-tight">Forgot your password?</h1>
      {CAN_SEND_MAIL ? (
        <ForgotPassword />
      ) : (
        <p className="mt-2 mb-8 text-muted">
          This app cannot send email yet. Ask its operator for a new password.
        </p>
      )}
      <p className="mt-5 text-center text-sm">
        <TextLink href="/sign-in">Back to sign in</TextLink>
      </p>
    </>
  );
}
