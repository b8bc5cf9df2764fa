import { Controller } from "@hotwired/stimulus"
import ListFollower from "lib/list_follower"

// The page of the reader's bookmarks. It reads itself again when the list of chats tells of a change of them.
export default class extends Controller {
  static values = { address: String }

  connect() {
    const { element, addressValue: address } = this
    this.follower = new ListFollower({ element, address, attributes: ["data-bookmarks"], news })
    this.follower.start()
  }

  disconnect() {
    this.follower.stop()
  }
}

function news() {
  const marks = [...document.querySelectorAll("[data-lists] [data-bookmarks]")]
  return marks.map(({ id, dataset }) => `${id} ${dataset.bookmarks}`).sort().join()
}
