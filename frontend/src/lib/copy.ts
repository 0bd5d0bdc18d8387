import { showToast } from "./toast";

export async function copy(text: string) {
  try {
    await navigator.clipboard.writeText(text);
    showToast("Copied");
  } catch {
    showToast("Could not copy. Select the text and copy it yourself.", { failed: true });
  }
}
