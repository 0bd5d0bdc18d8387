"use client";

import Link from "next/link";
import { authClient } from "@/lib/auth-client";
import { CredentialsForm, emailProblem, TOO_MANY, type Values } from "./credentials-form";

const check = ({ email, password }: Values) => ({
  ...emailProblem(email),
  ...(!password && { password: "Enter your password." }),
});

async function send({ email, password }: Values) {
  const { error } = await authClient.signIn.email({ email, password });
  if (!error) return undefined;
  if (error.status === 429) return TOO_MANY;
  if (error.status === 401) return { "": "Incorrect email or password." };
  return { "": "Could not sign in. Please try again." };
}

export function SignIn() {
  return (
    <>
      <h1 className="text-2xl font-semibold tracking-tight">Welcome back</h1>
      <p className="mt-2 mb-8 text-muted">Sign in to see your tasks.</p>
      <CredentialsForm
        fields={["email", "password"]}
        submitLabel="Sign in"
        check={check}
        send={send}
      >
        <p className="text-center text-sm text-muted">
          Don’t have an account?{" "}
          <Link href="/sign-up" className="font-medium text-accent underline underline-offset-4">
            Sign up
          </Link>
        </p>
      </CredentialsForm>
    </>
  );
}
