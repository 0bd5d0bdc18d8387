"use client";

import { authClient } from "@/lib/auth-client";
import { emailProblem } from "@/lib/credentials";
import { goOn } from "@/lib/signed-in";
import { TOO_MANY, type Values } from "@/lib/use-form";
import { CredentialsForm } from "./credentials-form";
import { TextLink } from "./text-link";

async function send(value: Values) {
  const [email, password] = [value("email").trim(), value("password")];
  const missing = {
    ...emailProblem(email),
    ...(!password && { password: "Enter your password." }),
  };
  if (Object.keys(missing).length) return missing;
  const { data, error } = await authClient.signIn.email({ email, password });
  if (!error) return goOn(data);
  if (error.status === 429) return { "": TOO_MANY };
  if (error.status === 401) return { "": "Incorrect email or password." };
  if ("error" in error && error.error === "invalid_signature") {
    return { "": "It took too long to sign in. Start again in the app that you want to connect." };
  }
  return { "": "Could not sign in. Please try again." };
}

/** `agentQuery` is the query of the page if an agent has sent the user here. */
export function SignIn({ agentQuery }: { agentQuery: string }) {
  return (
    <>
      <h1 className="text-2xl font-semibold tracking-tight">Welcome back</h1>
      <p className="mt-2 mb-8 text-muted">
        {agentQuery ? "Sign in to connect an app to your tasks." : "Sign in to see your tasks."}
      </p>
      <CredentialsForm fields={["email", "password"]} submitLabel="Sign in" send={send}>
        <p className="text-center text-sm">
          <TextLink href="/forgot-password">Forgot your password?</TextLink>
        </p>
        <p className="text-center text-sm text-muted">
          Don’t have an account? <TextLink href={`/sign-up${agentQuery}`}>Sign up</TextLink>
        </p>
      </CredentialsForm>
    </>
  );
}
