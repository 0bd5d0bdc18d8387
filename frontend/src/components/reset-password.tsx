"use client";

import { useState } from "react";
import { authClient } from "@/lib/auth-client";
import { newPasswordProblem, PASSWORD_HINT } from "@/lib/credentials";
import { TOO_MANY, type Values } from "@/lib/use-form";
import { CredentialsForm } from "./credentials-form";
import { TextLink } from "./text-link";

export function ResetPassword({ token }: { token: string }) {
  const [done, setDone] = useState(false);

  async function send(value: Values) {
    const newPassword = value("password");
    const invalid = newPasswordProblem(newPassword);
    if (Object.keys(invalid).length) return invalid;
    const { error } = await authClient.resetPassword({ newPassword, token });
    if (!error) setDone(true);
    if (!error) return {};
    if (error.status === 429) return { "": TOO_MANY };
    if (error.code === "INVALID_TOKEN") {
      return { "": "This link is not valid any more. Ask for a new one on the sign-in page." };
    }
    return { "": "Could not save the password. Please try again." };
  }

  if (done) {
    return (
      <div role="status">
        <h1 className="text-2xl font-semibold tracking-tight">Your password is changed</h1>
        <p className="mt-2 mb-6 text-muted">
          You are signed out everywhere. Connected agents and API keys still work: if someone else
          had your password, check them in your account.
        </p>
        <TextLink href="/sign-in">Sign in</TextLink>
      </div>
    );
  }
  return (
    <>
      <h1 className="mb-8 text-2xl font-semibold tracking-tight">Choose a new password</h1>
      <CredentialsForm
        fields={["password"]}
        submitLabel="Save password"
        passwordHint={PASSWORD_HINT}
        send={send}
      />
    </>
  );
}
