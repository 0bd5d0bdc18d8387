"use client";

import { MailCheck } from "lucide-react";
import { useState } from "react";
import { authClient } from "@/lib/auth-client";
import { emailProblem } from "@/lib/credentials";
import { TOO_MANY, type Values } from "@/lib/use-form";
import { CredentialsForm } from "./credentials-form";

/** Sends a link for a new password. The message is the same if the email address has no account. */
export function ForgotPassword() {
  const [sentTo, setSentTo] = useState<string>();

  async function send(value: Values) {
    const email = value("email").trim();
    const invalid = emailProblem(email);
    if (Object.keys(invalid).length) return invalid;
    const { error } = await authClient.requestPasswordReset({
      email,
      redirectTo: "/reset-password",
    });
    if (!error) setSentTo(email);
    if (!error) return {};
    return { "": error.status === 429 ? TOO_MANY : "Could not send the link. Please try again." };
  }

  if (sentTo) {
    return (
      <p role="status" className="mt-4 flex gap-3 rounded-lg bg-accent-soft px-4 py-3 text-sm">
        <MailCheck className="mt-0.5 size-4 shrink-0 text-accent" aria-hidden="true" />
        <span className="min-w-0 wrap-anywhere">
          If <strong className="font-semibold">{sentTo}</strong> has an account, we have sent it a
          link for a new password. It is valid for an hour.
        </span>
      </p>
    );
  }
  return (
    <>
      <p className="mt-2 mb-8 text-muted">We send you a link for choosing a new one.</p>
      <CredentialsForm fields={["email"]} submitLabel="Send link" send={send} />
    </>
  );
}
