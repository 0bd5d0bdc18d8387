import { Brand } from "@/components/brand";

export default function NotFound() {
  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col items-start justify-center gap-4 px-6">
      <Brand />
      <h1 className="mt-4 text-2xl font-semibold tracking-tight">Page not found</h1>
      <p className="text-muted">The address may be wrong, or the page may have been moved.</p>
      <a href="/dashboard" className="font-medium text-accent underline underline-offset-4">
        Go to your tasks
      </a>
    </main>
  );
}
