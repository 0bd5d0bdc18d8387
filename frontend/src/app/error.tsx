"use client";

import { Brand } from "@/components/brand";
import { Button } from "@/components/button";

/** The page that is shown when rendering fails. */
export default function PageError({ reset }: { reset: () => void }) {
  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col items-start justify-center gap-4 px-6">
      <Brand />
      <h1 className="mt-4 text-2xl font-semibold tracking-tight">Something went wrong</h1>
      <p className="text-muted">Your tasks are safe. Please try again.</p>
      <Button onClick={reset}>Try again</Button>
    </main>
  );
}
