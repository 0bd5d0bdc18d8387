const FADE = "duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0";

export const BACKDROP = `fixed inset-0 z-20 bg-[rgb(0_0_0/0.45)] transition-opacity ${FADE}`;
export const POPUP = `fixed inset-x-0 bottom-0 z-20 mx-auto max-h-[92dvh] w-full max-w-md overflow-y-auto rounded-t-2xl border border-line bg-surface p-5 shadow-2xl transition-[opacity,translate] data-starting-style:translate-y-2 sm:top-[14dvh] sm:bottom-auto sm:max-h-[80dvh] sm:rounded-2xl sm:p-6 ${FADE}`;
