import { Controller } from "@hotwired/stimulus"
import live from "lib/live"
import Region from "turbo/region"

// Has another page than the chat's own hear what the chat's page hears, such as who is here.
export default class extends Controller {
  static values = { name: String }

  connect() {
    this.region = new Region({ element: this.element, name: this.nameValue })
    live.join(this.region)
  }

  disconnect() {
    live.leave(this.region)
  }
}
