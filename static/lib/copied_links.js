import { copy } from "lib/clipboard"
import tell from "lib/notice"

/** Copies the address of a link with data-copy-link when it is clicked. Without scripts it is a link. */
export function copyLinks() {
  document.addEventListener("click", async (event) => {
    const link = event.target.closest?.("a[data-copy-link]")
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    await copy(link.href)
    tell("Link copied.", "notice")
  })
}
