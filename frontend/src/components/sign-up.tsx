"use client";

import { authClient } from "@/lib/auth-client";
import { emailProblem, newPasswordProblem, PASSWORD_HINT } from "@/lib/credentials";
import { goOn } from "@/lib/signed-in";
import { TOO_MANY, type Values } from "@/lib/use-form";
import { CredentialsForm } from "./credentials-form";
import { TextLink } from "./text-link";

const TAKEN = "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL";

async function send(value: Values) {
  const [name, email, password] = [value("name").trim(), value("email").trim(), value("password")];
  const invalid = {
    ...(!name && { name: "Enter your name." }),
    ...emailProblem(email),
    ...newPasswordProblem(password),
  };
  if (Object.keys(invalid).length) return invalid;
  const { data, error } = await authClient.signUp.email({ name, email, password });
  if (!error) return goOn(data);
  if (error.status === 429) return { "": TOO_MANY };
  if (error.code === TAKEN) {
    return { email: "An account with this email address already exists. Sign in instead." };
  }
  if (error.code === "INVALID_EMAIL") return { email: "Enter a valid email address." };
  return { "": "Could not create the account. Please try again." };
}

/** `agentQuery` is the query of the page if an agent has sent the user here. */
export function SignUp({ agentQuery }: { agentQuery: string }) {
  return (
    <>
      <h1 className="text-2xl font-semibold tracking-tight">Create your account</h1>
      <p className="mt-2 mb-8 text-muted">Keep all your tasks in one place.</p>
      <CredentialsForm
        fields={["name", "email", "password"]}
        submitLabel="Create account"
        passwordHint={PASSWORD_HINT}
        send={send}
      >
        <p className="text-center text-sm text-muted">
          Already have an account? <TextLink href={`/sign-in${agentQuery}`}>Sign in</TextLink>
        </p>
      </CredentialsForm>
    </>
  );
}
