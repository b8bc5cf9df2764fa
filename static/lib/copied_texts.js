import { copyPromised } from "lib/clipboard"
import tell from "lib/notice"

const UNREACHED = "The server is out of reach. Try again in a moment."

/** Copies the text to which a link with data-copy-text leads when it is clicked. Without scripts it is a link. */
export function copyTexts() {
  document.addEventListener("click", async (event) => {
    const link = event.target.closest?.("a[data-copy-text]")
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    try {
      await copyPromised(textAt(link.href))
      tell("Text copied.", "notice")
    } catch {
      tell(UNREACHED)
    }
  })
}

async function textAt(address) {
  const response = await fetch(address, { headers: { Accept: "text/plain" }, cache: "no-store" })
  if (!response.ok || response.redirected) throw new Error(`${response.status} from ${address}`)
  return response.text()
}
