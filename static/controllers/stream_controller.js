import { Controller } from "@hotwired/stimulus"
import live from "lib/live"
import checkPage from "lib/page_check"
import { logIn } from "lib/session"
import Comeback from "turbo/comeback"
import Region from "turbo/region"

const WORDS = {
  offline: "Reconnecting… you can keep writing.",
  gone: "This chat is gone, or you are no longer a member.",
}
const CROWDED = "Many tabs are open: messages may take up to two seconds here."
const LASTING = 5_000 // ms; a stream that only begins slowly does not mean a delayed network

// Keeps a chat live. data-mode says how: streaming, long-poll, short-poll, offline, gone or expired.
export default class extends Controller {
  static targets = ["status", "delayed"]
  static values = { name: String, url: String, hiddenAfter: { type: Number, default: 30 } } // hiddenAfter: seconds

  connect() {
    this.say("")
    delete this.element.dataset.mode // a snapshot tells of another time
    this.comeback = new Comeback(checkPage, this.begin)
    this.begin()
  }

  disconnect() {
    clearTimeout(this.timer)
    this.comeback?.stop()
    live.leave(this.region)
  }

  // Begins from the revision that the page shows, however old it is.
  begin = () => {
    const { element, nameValue: name, report, hiddenAfterValue: hiddenAfter } = this
    this.region = new Region({ element, name, report, hiddenAfter })
    live.join(this.region)
  }

  report = (state) => {
    this.element.dataset.mode = state
    this.say(WORDS[state] ?? "")
    clearTimeout(this.timer)
    if (state.endsWith("-poll")) this.timer = setTimeout(() => this.say(this.whyDelayed), LASTING)
    if (state === "expired") logIn()
    else if (state === "gone") this.lose()
    else this.dispatch(state === "offline" ? "away" : "live")
  }

  // Tells the page (`stream:gone`), and watches for the reader's return.
  lose() {
    live.leave(this.region)
    this.dispatch("gone")
    this.comeback.start()
  }

  say(words) {
    this.statusTarget.replaceChildren(words)
    this.statusTarget.hidden = words === ""
  }

  // Where the network is at fault, a link leads to the page that measures it.
  get whyDelayed() {
    return live.networkHolds ? this.delayedTarget.content.cloneNode(true) : CROWDED
  }
}
