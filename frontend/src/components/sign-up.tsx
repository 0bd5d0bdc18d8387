"use client";

import Link from "next/link";
import { authClient } from "@/lib/auth-client";
import {
  CredentialsForm,
  emailProblem,
  PASSWORD_LENGTH,
  TOO_MANY,
  type Values,
} from "./credentials-form";

const TAKEN = "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL";

const check = ({ name, email, password }: Values) => ({
  ...(!name && { name: "Enter your name." }),
  ...emailProblem(email),
  ...(password.length < PASSWORD_LENGTH && {
    password: `Use at least ${PASSWORD_LENGTH} characters.`,
  }),
});

async function send(values: Values) {
  const { error } = await authClient.signUp.email(values);
  if (!error) return undefined;
  if (error.status === 429) return TOO_MANY;
  if (error.code === TAKEN) {
    return { email: "An account with this email address already exists. Sign in instead." };
  }
  if (error.code === "INVALID_EMAIL") return { email: "Enter a valid email address." };
  if (error.code === "PASSWORD_TOO_LONG") return { password: "Use at most 128 characters." };
  return { "": "Could not create the account. Please try again." };
}

export function SignUp() {
  return (
    <>
      <h1 className="text-2xl font-semibold tracking-tight">Create your account</h1>
      <p className="mt-2 mb-8 text-muted">Keep all your tasks in one place.</p>
      <CredentialsForm
        fields={["name", "email", "password"]}
        submitLabel="Create account"
        passwordHint={`At least ${PASSWORD_LENGTH} characters. Several words make a strong password.`}
        check={check}
        send={send}
      >
        <p className="text-center text-sm text-muted">
          Already have an account?{" "}
          <Link href="/sign-in" className="font-medium text-accent underline underline-offset-4">
            Sign in
          </Link>
        </p>
      </CredentialsForm>
    </>
  );
}
