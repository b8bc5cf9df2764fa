import { Controller } from "@hotwired/stimulus"
import company from "lib/company"

const TOLD_IN = ["streaming", "long-poll", "short-poll"]

// Hears for the page who is here, and keeps it in lib/company.js. The element stays as a fresh page has it.
export default class extends Controller {
  static values = { streams: Object, lost: Boolean }

  connect() {
    document.addEventListener("live-list:state", this.follow)
  }

  disconnect() {
    document.removeEventListener("live-list:state", this.follow)
  }

  streamsValueChanged(streams) {
    if (!this.hasStreamsValue) return
    company.tell(streams)
    this.element.removeAttribute("data-presence-streams-value")
  }

  lostValueChanged(lost) {
    if (!lost) return
    company.tell(null)
    this.element.removeAttribute("data-presence-lost-value")
  }

  // Without a connection nobody knows.
  follow = ({ detail }) => {
    if (!TOLD_IN.includes(detail.state)) company.tell(null)
  }
}
