import { Controller } from "@hotwired/stimulus"
import ListFollower from "lib/list_follower"
import { send } from "lib/request"

// The list of messages that mention the reader. It reads itself again when the list of chats tells of another mention,
// and reports them as seen when it is shown in a visible tab.
export default class extends Controller {
  static targets = ["form"]
  static values = { address: String }

  connect() {
    const { element, addressValue: address } = this
    this.follower = new ListFollower({ element, address, attributes: ["data-revision", "data-for-all"], news })
    this.follower.start()
    document.addEventListener("visibilitychange", this.look)
  }

  disconnect() {
    this.follower.stop()
    document.removeEventListener("visibilitychange", this.look)
  }

  formTargetConnected() {
    this.look()
  }

  look = async () => {
    if (document.hidden || !this.hasFormTarget) return
    const form = this.formTarget
    const id = form.elements.message_id.value
    form.hidden = true
    if (this.looked === id) return
    this.looked = id
    const answer = await send(form.action, { fields: { message_id: id } }).catch(() => null)
    if (!answer?.ok) this.looked = form.hidden = null
  }
}

// Each change of a mention, even of an older one, stamps the mark.
function news() {
  const lines = [...document.querySelectorAll("[data-lists] > [data-chat-id]")]
  return lines.map((line) => {
    const { mentionedId, revision } = line.querySelector("[data-read-id]").dataset
    return [line.dataset.chatId, mentionedId, revision, line.querySelector("[data-head]").dataset.forAll].join()
  }).sort().join(" ")
}
