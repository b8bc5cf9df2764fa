import { Controller } from "@hotwired/stimulus"
import { morphChildren } from "@hotwired/turbo"
import { getPage } from "lib/request"

const SOON = 100 // ms in which further changes come
const PAUSE = 1_000 // ms until it asks for the page again

// The page of a chat's pinned messages. It follows the stream of the chat, and reads itself again when that brings the
// header, which counts the pins, the whole list, a message shown here, or a person's new look.
export default class extends Controller {
  static targets = ["list"]
  static values = { url: String, header: String, all: String, faces: String } // the ids of parts of the chat's page

  connect() {
    document.addEventListener("turbo:before-stream-render", this.receive)
  }

  disconnect() {
    clearTimeout(this.timer)
    document.removeEventListener("turbo:before-stream-render", this.receive)
  }

  receive = ({ detail: { newStream } }) => {
    const { action, target } = newStream
    const whole = action === "replace" && [this.headerValue, this.allValue].includes(target)
    if (whole || target === this.facesValue || (target && this.shows(target))) this.plan(SOON)
  }

  shows(id) {
    return this.listTarget.querySelector(`[data-message="${CSS.escape(id)}"]`) !== null
  }

  plan(delay) {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.renew(), delay)
  }

  async renew() {
    const page = await getPage(this.urlValue).catch(() => null)
    if (!this.element.isConnected) return
    if (!page || revisionOf(page) < revisionOf(document)) return this.plan(PAUSE)
    morphChildren(this.listTarget, document.importNode(page.querySelector("[data-pin-list-target=list]"), true))
  }
}

function revisionOf(page) {
  const { streamUrlValue } = page.querySelector("[data-stream-url-value]").dataset
  return Number(new URL(streamUrlValue, location.href).searchParams.get("revision"))
}
