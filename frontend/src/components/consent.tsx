"use client";

import { Bot, Check, ShieldAlert, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { authClient } from "@/lib/auth-client";
import { ACCOUNT, inWords, onlyReading, READ } from "@/lib/scopes";
import { UNREACHABLE } from "@/lib/use-form";
import { Button } from "./button";
import { FormProblem } from "./form-problem";

type Props = {
  /** The name that the agent gave itself. */
  agent: string;
  email: string;
  scopes: string[];
  returnsTo: string;
};

export function Consent({ agent, email, scopes, returnsTo }: Props) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const lessScopes = onlyReading(scopes);
  const canBeLess = scopes.includes(READ) && lessScopes.length < scopes.length;

  /** Sends the decision. Better Auth's client then loads the address to which the agent returns. */
  async function decide(accept: boolean, granted = scopes) {
    setBusy(true);
    setProblem(undefined);
    const sent = authClient.oauth2.consent({ accept, scope: granted.join(" ") });
    const { error } = await sent.catch(() => ({ error: { status: 0 } }));
    if (!error) return;
    setBusy(false);
    setProblem(
      error.status === 0
        ? UNREACHABLE
        : `This request is not valid any more. Start again in ${agent}.`,
    );
  }

  async function changeUser() {
    setBusy(true);
    await authClient.signOut();
    window.location.assign(`/sign-in${window.location.search}`);
  }

  return (
    <div className="card p-6 sm:p-8">
      <span className="mb-5 flex size-12 items-center justify-center rounded-xl bg-accent-soft text-accent">
        <Bot className="size-6" aria-hidden="true" />
      </span>
      <h1 className="text-xl font-semibold tracking-tight text-balance wrap-anywhere">
        {agent} wants to use your tasks
      </h1>
      <p className="mt-1.5 text-sm text-muted wrap-anywhere">
        You are signed in as {email}.{" "}
        <button
          type="button"
          disabled={busy}
          onClick={changeUser}
          className="font-medium text-accent underline underline-offset-4"
        >
          Use another account
        </button>
      </p>
      <p className="mt-6 mb-3 text-sm font-medium">If you allow it, {agent}</p>
      <ul className="flex flex-col gap-2.5 text-sm">
        {["sees your name and email address", ...inWords(scopes.filter(isHarmless))].map(
          (words) => (
            <li key={words} className="flex items-start gap-2.5">
              <Check className="mt-0.5 size-4 shrink-0 text-accent" aria-hidden="true" />
              {words}
            </li>
          ),
        )}
        {inWords(scopes.filter((scope) => !isHarmless(scope))).map((words) => (
          <li key={words} className="flex items-start gap-2.5 font-medium text-danger">
            <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden="true" />
            {words}
          </li>
        ))}
      </ul>
      <p className="mt-6 flex gap-3 rounded-lg bg-warning-soft px-4 py-3 text-sm text-warning">
        <ShieldAlert className="mt-0.5 size-4 shrink-0" aria-hidden="true" />
        <span className="min-w-0 wrap-anywhere">
          Nobody has checked who is behind this name. You will return to{" "}
          <strong className="font-semibold">{placeOf(returnsTo)}</strong>. Allow it only if you have
          just started this in an app that you trust.
        </span>
      </p>
      <div className="mt-6 flex flex-col gap-3">
        <FormProblem text={problem} />
        <Button disabled={busy} onClick={() => decide(true)}>
          Allow
        </Button>
        {canBeLess && (
          <Button variant="secondary" disabled={busy} onClick={() => decide(true, lessScopes)}>
            Allow only reading
          </Button>
        )}
        <Button variant="quiet" disabled={busy} onClick={() => decide(false)}>
          Deny
        </Button>
      </div>
      <p className="mt-5 text-center text-sm text-muted">
        You can disconnect it at any time in your account.
      </p>
    </div>
  );
}

const isHarmless = (scope: string) => scope !== ACCOUNT;

/** Returns the part of an address by which a user can recognise an agent. */
function placeOf(address: string): string {
  if (!URL.canParse(address)) return "an unknown address";
  const { protocol, hostname, host } = new URL(address);
  if (["localhost", "127.0.0.1", "[::1]"].includes(hostname))
    return `an app on this computer (${host})`;
  return protocol === "https:" ? host : `${protocol}//${host}`;
}
