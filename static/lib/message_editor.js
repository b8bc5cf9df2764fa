import { apply } from "turbo/render"
import { getPage, reason, send } from "lib/request"

/** Changes one message through its edit page, at `url`: what that page's form holds and where it goes. */
export default class MessageEditor {
  static async open(url) {
    const page = await getPage(url)
    const input = page.querySelector("textarea[name=content]")
    return { url, content: input.value, action: input.form.getAttribute("action") }
  }

  /** Resolves to "" when saved, else to why not. Rejects as `send` does. */
  static async save({ action, content }) {
    const response = await send(action, { method: "PATCH", fields: { content } })
    if (!response.ok) return reason(response)
    apply(await response.text())
    return ""
  }
}
