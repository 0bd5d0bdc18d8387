"use client";

import { Brand } from "@/components/brand";
import { Button } from "@/components/button";

/** What a page becomes when showing it failed. */
export default function PageError({ reset }: { reset: () => void }) {
  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col items-start justify-center gap-4 px-6">
      <Brand />
      <h1 className="mt-4 text-2xl font-semibold tracking-tight">This page could not be shown</h1>
      <p className="text-muted">Nothing of yours is lost. Trying again often helps.</p>
      <Button onClick={reset}>Try again</Button>
    </main>
  );
}
