"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { authClient } from "@/lib/auth-client";
import { PREFIX, READ_PREFIX } from "@/lib/key-prefixes";
import { useForm, type Values } from "@/lib/use-form";
import { Button } from "../button";
import { Field } from "../field";
import { FormProblem } from "../form-problem";
import { Select } from "../select";
import { Copyable } from "./copyable";
import { KeyExample } from "./key-example";

const DAY = 60 * 60 * 24; // seconds
const ACCESS = { [READ_PREFIX]: "Only read", [PREFIX]: "Read and change" };
const EXPIRY = { 30: "In 30 days", 90: "In 90 days", 365: "In a year", 0: "Never" };

/** A form for a new API key. The key is shown once, because Better Auth stores only its hash. */
export function NewKey() {
  const client = useQueryClient();
  const [created, setCreated] = useState<string>();

  async function send(value: Values) {
    const name = value("name").trim();
    if (!name) return { name: "Enter a name, such as the name of your script." };
    const { data, error } = await authClient.apiKey.create({
      name,
      prefix: value("access"),
      expiresIn: Number(value("days")) * DAY || null,
    });
    if (error) return { "": "The key could not be created. Please try again." };
    setCreated(data.key);
    await client.invalidateQueries({ queryKey: ["api-keys"] });
    return {};
  }
  const { form, problems, busy } = useForm(send);

  if (created) {
    return (
      <div role="status" className="flex flex-col gap-4 p-5 sm:p-6">
        <p className="text-sm">
          <strong className="font-semibold">Copy your key now.</strong> It is not shown again.
          Anyone who has it can use it: keep it like a password.
        </p>
        <Copyable label="Your new API key" text={created} isNew />
        <KeyExample />
        <Button className="self-start" onClick={() => setCreated(undefined)}>
          Done
        </Button>
      </div>
    );
  }
  return (
    <form {...form} className="flex flex-col gap-5 p-5 sm:p-6">
      <FormProblem text={problems[""]} />
      <Field label="Name of the key" error={problems.name}>
        {(control) => (
          <input
            {...control}
            name="name"
            autoComplete="off"
            maxLength={32}
            placeholder="Backup script"
            className="control"
          />
        )}
      </Field>
      <div className="grid gap-5 sm:grid-cols-2">
        <Field label="Access to your tasks">
          {(control) => <Select {...control} name="access" options={ACCESS} />}
        </Field>
        <Field label="Expires">
          {(control) => <Select {...control} name="days" defaultValue="90" options={EXPIRY} />}
        </Field>
      </div>
      <Button type="submit" disabled={busy} className="self-start">
        Create key
      </Button>
    </form>
  );
}
