"use client";

/** The page that is shown when rendering fails. */
export default function PageError() {
  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col items-start justify-center gap-4 px-6">
      <h1 className="text-2xl font-semibold tracking-tight">Something went wrong</h1>
      <p className="text-muted">Your tasks are safe. Please try again.</p>
      <button
        type="button"
        onClick={() => window.location.reload()} // a part of the script may be missing
        className="font-medium text-accent underline underline-offset-4"
      >
        Try again
      </button>
    </main>
  );
}
