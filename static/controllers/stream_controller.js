import { Controller } from "@hotwired/stimulus"
import { logIn } from "lib/session"
import Stream from "lib/stream"

const WORDS = {
  offline: "Reconnecting… you can keep writing.",
  gone: "This chat is gone, or you are no longer a member.",
}

// Keeps the page live. How it does is in data-mode: streaming, long-poll, short-poll, offline, gone or expired.
export default class extends Controller {
  static targets = ["status"]
  static values = { url: String, hiddenAfter: { type: Number, default: 30 } } // hiddenAfter: seconds

  connect() {
    this.say("")
    delete this.element.dataset.mode // a snapshot tells of another time
    if (document.documentElement.hasAttribute("data-turbo-preview")) return
    this.stream = new Stream({ element: this.element, hiddenAfter: this.hiddenAfterValue, report: this.report })
    this.stream.start()
  }

  disconnect() {
    this.stream?.stop()
    this.stream = null
  }

  report = (state) => {
    this.element.dataset.mode = state
    this.say(WORDS[state] ?? "")
    if (state === "expired") logIn()
    else this.dispatch(state === "offline" || state === "gone" ? "away" : "live")
  }

  say(words) {
    this.statusTarget.textContent = words
    this.statusTarget.hidden = words === ""
  }
}
